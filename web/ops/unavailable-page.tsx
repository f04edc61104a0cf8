import { ButtonLink } from '../ui/content';
import type { SignedInOperator } from './operator-session';
import { OpsLayout, type OpsSection } from './ops-layout';

interface UnavailablePageProps {
  /** The signed-in operator; null also when the session could not be read. */
  operator: SignedInOperator | null;
  title: string;
  heading: string;
  current?: OpsSection;
  /** The dependency named by `Unavailable`. */
  dependency: string;
  /** The path to try again. */
  retryPath: string;
}

/** The page that tells operators which dependency does not answer, and what that means for notices. */
export const UnavailablePage = ({
  operator,
  title,
  heading,
  current,
  dependency,
  retryPath,
}: UnavailablePageProps) => (
  <OpsLayout title={title} operator={operator} current={current}>
    <div class="card narrow fault-page">
      <h1>{heading}</h1>
      <p>
        <bdi dir="ltr">{dependency === 'redis' ? 'Redis' : 'PostgreSQL'}</bdi> پاسخ نمی‌دهد.
      </p>
      <p>
        {dependency === 'redis'
          ? 'مکاتبه‌ها همچنان پذیرفته می‌شوند و چیزی از دست نمی‌رود: هشدارها تا بازگشت آن در پایگاه داده می‌مانند.'
          : 'تا بازگشت آن چیزی پذیرفته و فرستاده نمی‌شود. آنچه پذیرفته شده است از دست نمی‌رود، و کار خودبه‌خود از سر گرفته می‌شود.'}
      </p>
      <ButtonLink href={retryPath}>دوباره</ButtonLink>
    </div>
  </OpsLayout>
);
