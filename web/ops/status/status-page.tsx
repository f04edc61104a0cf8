import type { Overview } from '../../../core/monitoring/overview';
import { STATUS_SCRIPT_URLS, STATUS_STYLE_URL } from '../../assets/urls';
import type { SignedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';
import { PANELS, statusTitle } from './panels';

interface StatusPageProps {
  operator: SignedInOperator;
  overview: Overview;
}

/** The status at one look: findings on top, then the traffic, and beside it queues and resources. */
export const StatusPage = ({ operator, overview }: StatusPageProps) => (
  <OpsLayout
    title={statusTitle(overview)}
    operator={operator}
    current="status"
    scripts={STATUS_SCRIPT_URLS}
    styles={[STATUS_STYLE_URL]}
  >
    <div class="status-head">
      <h1>وضعیت</h1>
      <PANELS.Pulse overview={overview} />
      <a class="still-only" href="/ops">
        تازه کردن
      </a>
    </div>
    <UnavailableMessages />
    <PANELS.Findings overview={overview} />
    <PANELS.Pauses overview={overview} />
    <PANELS.KeyFigures overview={overview} />
    <div class="status-columns">
      <div>
        <PANELS.Traffic overview={overview} />
        <PANELS.Handover overview={overview} />
        <PANELS.Lines overview={overview} />
        <PANELS.Processes overview={overview} />
      </div>
      <div>
        <PANELS.Queues overview={overview} />
        <PANELS.Resources overview={overview} />
        <PANELS.Events overview={overview} />
      </div>
    </div>
  </OpsLayout>
);

/** The messages that the script shows while no new readings arrive; `data-part` names the dependency that is down. */
const UnavailableMessages = () => (
  <div id="away" role="status">
    <p data-part="postgres" hidden>
      <strong>پایگاه داده (PostgreSQL) پاسخ نمی‌دهد.</strong> آنچه در زیر می‌بینید کهنه است. پیوسته دوباره
      می‌پرسیم؛ لازم نیست صفحه را دوباره باز کنید.
    </p>
    <p data-part="server" hidden>
      <strong>ارتباط با سرور قطع است.</strong> آنچه در زیر می‌بینید کهنه است. پیوسته دوباره می‌پرسیم؛ لازم نیست
      صفحه را دوباره باز کنید.
    </p>
  </div>
);
