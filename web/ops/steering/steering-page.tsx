import type { LanePause } from '../../../core/channels/lane-pauses';
import type { LineState } from '../../../core/channels/lines';
import type { AuditEntry } from '../../../core/operators/audit';
import {
  CHANNELS,
  type Channel,
  LANES,
  type Lane,
  type OutboxQueue,
  sendQueue,
} from '../../../core/platform/queues';
import { toPersianDigits } from '../../../core/text/normalise';
import { CardTable } from '../../ui/card-table';
import { ButtonLink } from '../../ui/content';
import { Ltr, When } from '../../ui/text';
import { OutcomeBox } from '../actions/outcome-box';
import { ACTION_LABELS } from '../labels/audit-labels';
import { describeCause } from '../labels/cause-labels';
import { CHANNEL_LABELS, LANE_LABELS, LINE_STATE_LABELS } from '../labels/domain-labels';
import type { SignedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';
import { ALL_LANES, lanePath, linePath, sourcePath } from './steering-paths';

interface SteeringPageProps {
  operator: SignedInOperator;
  outcome: AuditEntry | null;
  lines: LineState[];
  pauses: LanePause[];
  /** The number of due alerts in each queue, from the last measurement. */
  waiting: Map<OutboxQueue, number>;
  sources: { code: string; title: string }[];
}

/** Lines, lanes and source systems with their state, its reason, and the actions on each. */
export const SteeringPage = (props: SteeringPageProps) => (
  <OpsLayout title="هدایت" operator={props.operator} current="steering">
    <OutcomeBox entry={props.outcome} />
    <div class="page-head">
      <h1>هدایت</h1>
      <p>
        خط‌های ارائه‌دهندگان، صف‌های ارسال و ارسال‌های مانده سامانه‌ها. هر کاری دلیل می‌خواهد و در کارنامه می‌ماند.
      </p>
    </div>
    <div class="stack">
      <h2 id="lines-title">خط‌های ارائه‌دهندگان</h2>
      <Lines {...props} />
      <h2 id="lanes-title">صف‌های ارسال</h2>
      <Lanes {...props} />
      <h2 id="sources-title">سامانه‌های مبدأ</h2>
      <Sources {...props} />
    </div>
  </OpsLayout>
);

const mayAct = ({ operator }: SteeringPageProps) => operator.role === 'operator';

const LINE_STATE_TONES: Record<LineState['state'], string> = {
  open: 'good',
  closed: 'bad',
  paused: 'caution',
};

const Lines = (props: SteeringPageProps) => (
  <CardTable
    labelledBy="lines-title"
    columns={['خط', 'هشدار', 'وضعیت', 'علت', 'از', 'نرخ (در ثانیه)', 'کار']}
    rows={props.lines.map((line) => ({
      key: line.name,
      cells: [
        <Ltr key={0}>{line.name}</Ltr>,
        CHANNEL_LABELS[line.channel],
        <LineBadge key={2} line={line} />,
        line.reason && (
          <span key={3}>
            <bdi>{describeCause(line.code, line.reason)}</bdi>{' '}
            {line.code && <small class="none">کد {line.code}</small>}
          </span>
        ),
        <When key={4} at={line.since} time />,
        line.perSecond === null ? 'بی‌حد' : toPersianDigits(line.perSecond),
        mayAct(props) && <LineActions key={6} line={line} />,
      ],
    }))}
  />
);

const LineBadge = ({ line }: { line: LineState }) => (
  <span>
    <span class={`badge ${LINE_STATE_TONES[line.state]}`}>{LINE_STATE_LABELS[line.state]}</span>
    {line.brokenUntil && (
      <>
        {' '}
        <span class="badge caution">تماس‌ها ناموفق بود</span>
      </>
    )}
  </span>
);

const LineActions = ({ line }: { line: LineState }) => (
  <span class="actions">
    {(line.state !== 'open' || line.brokenUntil) && (
      <ButtonLink href={linePath(line.name, 'open')} kind="quiet">
        {ACTION_LABELS['open-line']}
        <VisuallyHidden>{line.name}</VisuallyHidden>
      </ButtonLink>
    )}
    <ButtonLink href={linePath(line.name, 'rate')} kind="quiet">
      {ACTION_LABELS['change-rate']}
      <VisuallyHidden>{line.name}</VisuallyHidden>
    </ButtonLink>
  </span>
);

/** Text for screen readers only: it distinguishes the repeated buttons of a table. */
const VisuallyHidden = ({ children }: { children: string }) => (
  <span class="visually-hidden"> {children}</span>
);

const Lanes = (props: SteeringPageProps) => (
  <CardTable
    labelledBy="lanes-title"
    columns={['صف', 'در انتظار', 'وضعیت', 'چه کسی و چرا', 'از', 'کار']}
    rows={CHANNELS.flatMap((channel) => [
      ...LANES.map((lane) => laneRow(props, channel, lane)),
      ...(mayAct(props) ? [wholeChannelRow(props, channel)] : []),
    ])}
  />
);

function laneRow(props: SteeringPageProps, channel: Channel, lane: Lane) {
  const pause = props.pauses.find((one) => one.channel === channel && one.lane === lane);
  const name = `${CHANNEL_LABELS[channel]} ${LANE_LABELS[lane]}`;
  return {
    key: `${channel}-${lane}`,
    cells: [
      name,
      toPersianDigits(props.waiting.get(sendQueue(channel, lane)) ?? 0),
      <span key={2} class={`badge ${pause ? 'caution' : 'good'}`}>
        {pause ? 'نگه داشته شده' : 'در جریان'}
      </span>,
      pause && (
        <span key={3}>
          <bdi>{pause.operator}</bdi>: <bdi>{pause.reason}</bdi>
        </span>
      ),
      pause && <When key={4} at={pause.since} time />,
      mayAct(props) && (
        <LaneAction key={5} channel={channel} lane={lane} name={name} paused={Boolean(pause)} />
      ),
    ],
  };
}

function wholeChannelRow({ pauses }: SteeringPageProps, channel: Channel) {
  const paused = pauses.filter((one) => one.channel === channel).length === LANES.length;
  const name = `همه صف‌های ${CHANNEL_LABELS[channel]}`;
  return {
    key: channel,
    cells: [
      name,
      null,
      null,
      null,
      null,
      <LaneAction key={5} channel={channel} lane={ALL_LANES} name={name} paused={paused} />,
    ],
  };
}

const LaneAction = (props: { channel: Channel; lane: string; name: string; paused: boolean }) => {
  const action = props.paused ? 'resume' : 'pause';
  return (
    <ButtonLink href={lanePath(props.channel, props.lane, action)} kind="quiet">
      {ACTION_LABELS[action]}
      <VisuallyHidden>{props.name}</VisuallyHidden>
    </ButtonLink>
  );
};

const Sources = (props: SteeringPageProps) => (
  <CardTable
    labelledBy="sources-title"
    columns={['سامانه', 'کد', 'کار']}
    rows={props.sources.map(({ code, title }) => ({
      key: code,
      cells: [
        title,
        <Ltr key={1}>{code}</Ltr>,
        mayAct(props) && (
          <ButtonLink key={2} href={sourcePath(code)} kind="quiet">
            {ACTION_LABELS.cancel}
            <VisuallyHidden>{title}</VisuallyHidden>
          </ButtonLink>
        ),
      ],
    }))}
  />
);
