/**
 * Gives SQL, a further part of a WITH, that lists alerts which ended badly for a person to look at, in the statement that ends
 * them. Where all went well there are no rows, and it costs nothing.
 *
 * @param ended a SELECT of alert_id, channel, state and cause, which is the code of the provider or of ours
 */
export const deadLetterSql = (ended: string): string => `
  listed AS (
    INSERT INTO dead_alerts (alert_id, channel, state, cause) ${ended}
    ON CONFLICT (alert_id) DO UPDATE SET at = now(), state = excluded.state, cause = excluded.cause)`;
