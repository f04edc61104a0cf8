import type { InboxRow } from '../../core/inbox/list-notices';
import { toPersianDigits } from '../../core/text/normalise';

export interface ExternalUrls {
  nationalCartable: string;
  legacyPortal: string;
}

/** A link to another system in a new tab, which gets neither the URL nor the window of this one. */
const NewTabLink = ({ href, children }: { href: string; children: string }) => (
  <a href={href} target="_blank" rel="noopener noreferrer" referrerpolicy="no-referrer">
    {children}
    <span class="visually-hidden"> (در برگه تازه)</span>
  </a>
);

/** The actions for one notice. The menu works without JavaScript and with the keyboard. */
export function ActionsMenu({ row, externalUrls }: { row: InboxRow; externalUrls: ExternalUrls }) {
  return (
    <details class="menu" name="actions">
      <summary class="button quiet">
        عملیات<span class="visually-hidden"> مکاتبه {toPersianDigits(row.trackingNumber)}</span>
      </summary>
      <ul class="menu-items">
        {row.legacy ? (
          <li>
            <NewTabLink href={externalUrls.legacyPortal}>مشاهده در سامانه قبلی</NewTabLink>
          </li>
        ) : (
          <li>
            <a
              href={`/inbox/${row.id}`}
              data-dialog="window"
              data-changes={row.firstViewedAt ? undefined : ''}
            >
              رویت مکاتبه
            </a>
          </li>
        )}
        <li>
          <NewTabLink href={externalUrls.nationalCartable}>اتصال به ایران پوشه</NewTabLink>
        </li>
        {!row.legacy && (
          <li>
            <PermitAction row={row} />
          </li>
        )}
      </ul>
    </details>
  );
}

/** The link to revoke the permit while one is live, otherwise the link to issue one. */
const PermitAction = ({ row }: { row: InboxRow }) =>
  row.permit?.state === 'live' ? (
    <a href={`/inbox/${row.id}/permit/revoke`} data-dialog="small">
      لغو مجوز استعلام
    </a>
  ) : (
    <a href={`/inbox/${row.id}/permit`} data-dialog="window">
      صدور مجوز استعلام
    </a>
  );
