import type { ComponentChildren } from 'preact';
import { toPersianDigits } from '../../core/text/normalise';
import { Ltr, When } from './text';

export interface ShownAttachment {
  id: string;
  fileName: string;
  contentType: string;
  size: number;
  /** The instant retention removed the bytes at; null while they are kept. */
  removedAt: Date | null;
}

interface NoticeContentProps {
  attachments: ShownAttachment[];
  /** Gives the URL of an attachment; `download` asks for a file to save. */
  urlOf(attachment: ShownAttachment, download: boolean): string;
  /** The content of the first tab, before the attachments. */
  smsText: string;
}

/** Gives the entries of a description list that every view of a notice begins with. */
export const noticeEntries = (notice: {
  subject: string;
  sourceTitle: string;
  trackingNumber: string;
  recipientName: string;
}): (readonly [name: string, value: ComponentChildren])[] => [
  ['موضوع', <bdi key="subject">{notice.subject}</bdi>],
  ['سیستم', notice.sourceTitle],
  ['شماره پیگیری', <Ltr key="number">{toPersianDigits(notice.trackingNumber)}</Ltr>],
  ['مخاطب', <bdi key="name">{notice.recipientName}</bdi>],
];

const isPdf = ({ contentType }: ShownAttachment) => contentType === 'application/pdf';

/**
 * The text of the SMS, the PDF files and the images: as tabs with JavaScript, one below the other without. The browser requests a
 * file only when it becomes visible, because each request is recorded as an opening.
 */
export function NoticeContent({ attachments, urlOf, smsText }: NoticeContentProps) {
  const pdfs = attachments.filter(isPdf);
  const images = attachments.filter((attachment) => !isPdf(attachment));
  const tabs = [
    smsText && { id: 'sms-text', title: 'متن پیامک', content: <p class="letter">{smsText}</p> },
    pdfs.length > 0 && {
      id: 'pdf',
      title: 'فایل PDF',
      content: pdfs.map((file) => <PdfFigure key={file.id} file={file} urlOf={urlOf} />),
    },
    images.length > 0 && {
      id: 'image',
      title: 'تصویر',
      content: images.map((file) => <ImageFigure key={file.id} file={file} urlOf={urlOf} />),
    },
  ].filter((tab) => tab !== '' && tab !== false);
  return (
    <div class="tabs">
      {tabs.length > 1 && (
        <nav aria-label="بخش‌های مکاتبه">
          {tabs.map(({ id, title }) => (
            <a key={id} href={`#${id}`}>
              {title}
            </a>
          ))}
        </nav>
      )}
      {tabs.map(({ id, title, content }) => (
        <section key={id} id={id} aria-label={title} class="stack">
          {content}
        </section>
      ))}
    </div>
  );
}

type FileProps = Pick<NoticeContentProps, 'urlOf'> & { file: ShownAttachment };

const PdfFigure = ({ file, urlOf }: FileProps) =>
  file.removedAt ? (
    <RemovedFile file={file} at={file.removedAt} />
  ) : (
    <figure class="file">
      <FileCaption file={file} urlOf={urlOf} />
      <iframe class="sheet" src={urlOf(file, false)} title={`فایل ${file.fileName}`} loading="lazy" />
    </figure>
  );

/** A file whose bytes retention removed, with its name and size. */
const RemovedFile = ({ file, at }: { file: ShownAttachment; at: Date }) => (
  <figure class="file">
    <figcaption>
      <FileName file={file} />
    </figcaption>
    <p class="none">
      مهلت نگهداری این فایل گذشته و در <When at={at} /> از سامانه حذف شده است. اثر انگشت دیجیتال آن (SHA-256)
      نزد سامانه می‌ماند.
    </p>
  </figure>
);

const FileName = ({ file }: { file: ShownAttachment }) => (
  <span>
    <bdi>{file.fileName}</bdi> <small class="none">({formatSize(file.size)})</small>
  </span>
);

const ImageFigure = ({ file, urlOf }: FileProps) =>
  file.removedAt ? (
    <RemovedFile file={file} at={file.removedAt} />
  ) : (
    <figure class="file">
      <FileCaption file={file} urlOf={urlOf} />
      <img class="picture" src={urlOf(file, false)} alt={`تصویر ${file.fileName}`} loading="lazy" />
    </figure>
  );

const FileCaption = ({ file, urlOf }: FileProps) => (
  <figcaption>
    <FileName file={file} />
    <span class="actions">
      <a class="button quiet" href={urlOf(file, false)} target="_blank" rel="noopener">
        باز کردن<span class="visually-hidden"> {file.fileName} در برگه تازه</span>
      </a>
      <a class="button quiet" href={urlOf(file, true)} download>
        دریافت<span class="visually-hidden"> {file.fileName}</span>
      </a>
    </span>
  </figcaption>
);

function formatSize(bytes: number): string {
  const kilobytes = Math.max(1, Math.round(bytes / 1024));
  if (kilobytes < 1024) return `${toPersianDigits(kilobytes)} کیلوبایت`;
  return `${toPersianDigits((kilobytes / 1024).toFixed(1).replace('.', '٫'))} مگابایت`;
}
