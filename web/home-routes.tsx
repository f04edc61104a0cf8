import type { FastifyPluginAsync } from 'fastify';
import type { Config } from '../core/platform/config';
import { Layout } from './ui/layout';
import { sendPage } from './ui/send-page';
import { currentSession, type Session } from './ui/session';

export interface HomeDependencies {
  config: Pick<Config, 'LEGACY_PORTAL_URL'>;
}

/** Serves `/`, the home page: the two links to the inbox, and the notes every employer must read. */
export const homeRoutes =
  ({ config }: HomeDependencies): FastifyPluginAsync =>
  async (app) => {
    app.get('/', async (request, reply) =>
      sendPage(reply, <HomePage session={currentSession(request)} legacyPortal={config.LEGACY_PORTAL_URL} />),
    );
  };

function HomePage({ session, legacyPortal }: { session: Session | null; legacyPortal: string }) {
  return (
    <Layout title="صفحه نخست" session={session} current="home">
      <div class="page-head">
        <h1>مکاتبات و ابلاغ‌های سازمان با کارفرمایان</h1>
        <p>
          مکاتبات سازمان را ببینید، و اگر دستگاهی دولتی به یکی از آن‌ها نیاز دارد، برای مدتی که خودتان تعیین
          می‌کنید مجوز استعلام صادر کنید.
        </p>
      </div>
      <div class="entries">
        <section class="card entry" id="employers" aria-labelledby="employers-title" tabIndex={-1}>
          <h2 id="employers-title">
            <Icon path="M5 26V11l9-5 9 5v15M3 26h22M11 26v-6h6v6M10 13h.01M14 13h.01M18 13h.01" />
            کارفرمایان
          </h2>
          <p>با کد ملی یا شناسه ملی و کدی که به موبایل شما پیامک می‌شود.</p>
          <a href="/inbox">مشاهده مکاتبات و ابلاغ های انجام شده توسط سازمان</a>
        </section>
        <section class="card entry" aria-labelledby="mine-title">
          <h2 id="mine-title">
            <Icon path="M14 14a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM4 25c1-5 5-7.5 10-7.5S23 20 24 25" />
            تأمین اجتماعی من
          </h2>
          <p>صندوق شخصی شما، با همه مکاتبات و ابلاغ‌های مربوط به شما.</p>
          <a href="/inbox">صندوق مکاتبات</a>
        </section>
        <UnavailableSection id="insured" title="بیمه شدگان" />
        <UnavailableSection id="pensioners" title="مستمری بگیران" />
      </div>
      <Notes legacyPortal={legacyPortal} />
    </Layout>
  );
}

const UnavailableSection = ({ id, title }: { id: string; title: string }) => (
  <section class="card entry closed" aria-labelledby={`${id}-title`}>
    <h2 id={`${id}-title`}>{title}</h2>
    <p>خدمات این بخش در این سامانه نیست.</p>
  </section>
);

function Notes({ legacyPortal }: { legacyPortal: string }) {
  return (
    <section class="notes" aria-labelledby="notes-title">
      <h2 id="notes-title">به موارد زیر توجه داشته باشید :</h2>
      <ul>
        <li>
          ابلاغ ها تا تاریخ ۹۸/۰۳/۳۱ از طریق سامانه قبلی با آدرس " <PortalLink url={legacyPortal} /> " قابل
          مشاهده می باشد و کارفرما میتواند ابلاغ ها را از دو طریق سامانه غیرحضوری به آدرس "{' '}
          <PortalLink url="https://eservices.tamin.ir" /> " و سامانه به آدرس "{' '}
          <PortalLink url={legacyPortal} /> " مشاهده نماید.
        </li>
        <li>
          کارفرمایی که فرم تفاهم نامه ابلاغ الکترونیک را در شعبه سازمان تامین اجتماعی پر نکرده است میبایست به
          شعبه سازمان تامین اجتماعی مربوطه مراجعه نموده که پس از پر کردن فرم مربوطه امکان دریافت ابلاغ
          الکترونیک فراهم میشود، در غیر اینصورت ابلاغی دریافت نخواهد نمود.
        </li>
      </ul>
    </section>
  );
}

const PortalLink = ({ url }: { url: string }) => (
  <a href={url} dir="ltr" rel="noopener noreferrer">
    {url.replace(/\/$/, '')}
  </a>
);

const Icon = ({ path }: { path: string }) => (
  <svg class="icon" viewBox="0 0 28 28" aria-hidden="true" focusable="false">
    <path d={path} />
  </svg>
);
