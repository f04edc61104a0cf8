import { Button } from '../ui/content';
import { PostForm } from '../ui/forms';
import { Layout } from '../ui/layout';
import type { Session } from '../ui/session';

/** The page `/logout`, which asks whether to sign out on this device or on every device. */
export const LogoutPage = ({ session }: { session: Session }) => (
  <Layout title="خروج" session={session}>
    <div class="card narrow">
      <h1>خروج از سامانه</h1>
      <p>اگر در دستگاه دیگری هم وارد شده‌اید، می‌توانید همه را یکجا ببندید.</p>
      <PostForm action="/logout" session={session}>
        <div class="actions">
          <Button>خروج از همین دستگاه</Button>
          <Button kind="danger" name="where" value="everywhere">
            خروج از همه دستگاه‌ها
          </Button>
        </div>
      </PostForm>
    </div>
  </Layout>
);
