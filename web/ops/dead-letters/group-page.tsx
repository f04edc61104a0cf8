import type { ComponentChildren } from 'preact';
import type { AuditEntry } from '../../../core/operators/audit';
import { toPersianDigits } from '../../../core/text/normalise';
import { CardTable } from '../../ui/card-table';
import { ButtonLink } from '../../ui/content';
import { OutcomeBox } from '../actions/outcome-box';
import type { CauseExplanation } from '../labels/cause-labels';
import { codeLabel } from '../labels/domain-labels';
import type { SignedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';
import { DEAD_LETTERS_PATH } from './dead-letter-paths';

export interface GroupPageProps {
  operator: SignedInOperator;
  outcome: AuditEntry | null;
  title: string;
  code: string | null;
  explanation: CauseExplanation;
  count: number;
  /** The actions on the whole group. */
  actions: readonly (readonly [href: string, text: string])[];
  columns: readonly string[];
  rows: readonly { key: string; cells: readonly ComponentChildren[] }[];
}

/** The page of one cause: its meaning, its remedy, and the newest items. */
export const GroupPage = (props: GroupPageProps) => {
  const { operator, outcome, title, code, explanation, count, actions, columns, rows } = props;
  return (
    <OpsLayout title={title} operator={operator} current="deadLetters">
      <OutcomeBox entry={outcome} />
      <p>
        <a href={DEAD_LETTERS_PATH}>همه مانده‌ها</a>
      </p>
      <div class="page-head">
        <h1 id="group-title">
          {title} {code && <bdi dir="ltr">({codeLabel(code)})</bdi>}
        </h1>
        <p>{explanation.meaning}</p>
        <p>{explanation.remedy}</p>
        <p>
          <strong>{toPersianDigits(count)}</strong> مورد مانده است
          {count > rows.length && `؛ ${toPersianDigits(rows.length)} موردِ تازه‌تر در زیر آمده است`}.
        </p>
      </div>
      {operator.role === 'operator' && count > 0 && (
        <div class="actions group-actions">
          {actions.map(([href, text]) => (
            <ButtonLink key={href} href={href} kind="quiet">
              {text}
            </ButtonLink>
          ))}
        </div>
      )}
      {rows.length > 0 ? (
        <CardTable labelledBy="group-title" columns={columns} rows={rows} />
      ) : (
        <div class="card empty">
          <p>چیزی نمانده است.</p>
        </div>
      )}
    </OpsLayout>
  );
};
