import type { FastifyReply, FastifyRequest } from 'fastify';
import { ButtonLink } from './content';
import { Layout } from './layout';
import { sendPage } from './send-page';
import { currentSession } from './session';

interface ErrorPageContent {
  title: string;
  text: string;
  /** The link to go on with; by default the home page. */
  link?: [href: string, text: string];
}

const CONTENT_BY_STATUS: Record<number, ErrorPageContent> = {
  400: {
    title: 'درخواست خوانده نشد',
    text: 'آنچه فرستاده شد کامل یا درست نیست. به صفحه پیش برگردید و دوباره بکوشید.',
  },
  403: {
    title: 'این فرم دیگر معتبر نیست',
    text: 'شاید در زبانه دیگری وارد یا خارج شده‌اید، یا فرم از جای دیگری فرستاده شده است. صفحه را دوباره باز کنید و کار را از سر بگیرید. هیچ چیزی تغییر نکرده است.',
    link: ['/inbox', 'صندوق مکاتبات'],
  },
  404: {
    title: 'چنین صفحه‌ای نیست',
    text: 'نشانی درست نیست، یا آنچه می‌خواهید از آنِ شما نیست.',
  },
  413: { title: 'فرم بیش از اندازه بزرگ است', text: 'متن کوتاه‌تری بنویسید و دوباره بفرستید.' },
  429: {
    title: 'درخواست‌ها بیش از اندازه است',
    text: 'برای امنیت شما کمی درنگ لازم است. چند دقیقه دیگر دوباره بکوشید.',
  },
  500: {
    title: 'خطایی در سامانه روی داد',
    text: 'خطا از سوی ماست و ثبت شد. کمی بعد دوباره بکوشید؛ اگر باز همین شد، شماره زیر را به پشتیبانی بگویید.',
  },
  503: {
    title: 'سامانه اکنون در دسترس نیست',
    text: 'کار شما انجام نشد. چند لحظه دیگر دوباره بکوشید؛ مکاتبات شما محفوظ است.',
  },
};

/** Sends the page of a failed request. It shows no internal details. */
export function sendErrorPage(request: FastifyRequest, reply: FastifyReply, status: number): FastifyReply {
  const known = CONTENT_BY_STATUS[status] ? status : status < 500 ? 400 : 500;
  const { title, text, link = ['/', 'صفحه نخست'] } = CONTENT_BY_STATUS[known] as ErrorPageContent;
  return sendPage(
    reply,
    <Layout title={title} session={request.visitor && currentSession(request)}>
      <div class="card narrow fault-page">
        <h1>{title}</h1>
        <p>{text}</p>
        {status >= 500 && (
          <p class="hint">
            شماره درخواست: <bdi dir="ltr">{request.id}</bdi>
          </p>
        )}
        <ButtonLink href={link[0]}>{link[1]}</ButtonLink>
      </div>
    </Layout>,
    status,
  );
}
