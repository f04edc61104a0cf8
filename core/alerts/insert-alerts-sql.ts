/** New alerts, each field an SQL expression over the rows of `from`. */
interface NewAlertsSql {
  noticeId: string;
  sourceId: string;
  channel: string;
  lane: string;
  address: string;
  /** The text of an SMS that is not the notice's own; by default none. */
  text?: string;
  /** The hours during which the alerts are tried. */
  ttlHours: string;
  /** The rest of the SELECT: where the rows come from. */
  from: string;
}

/** Gives the SQL that adds queued alerts, as one part of a WITH that returns `id`, `channel` and `lane`; the work for them is enqueued beside it. */
export const insertAlertsSql = ({
  noticeId,
  sourceId,
  channel,
  lane,
  address,
  text = 'NULL::text',
  ttlHours,
  from,
}: NewAlertsSql): string =>
  `INSERT INTO alerts (notice_id, source_id, channel, lane, address, text, expires_at)
   SELECT ${noticeId}, ${sourceId}, ${channel}, ${lane}, ${address}, ${text}, now() + make_interval(hours => ${ttlHours})
     FROM ${from}
   RETURNING id, channel, lane`;
