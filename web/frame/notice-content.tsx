import { toPersianDigits } from '../../core/text/normalise';
import { When } from './text';

export interface ShownAttachment {
  id: string;
  fileName: string;
  contentType: string;
  size: number;
  /** When its bytes were removed, because its time was over. */
  removedAt: Date | null;
}

interface NoticeContentProps {
  attachments: ShownAttachment[];
  /** Where an attachment is to be had; `download` asks for it as a file. */
  addressOf(attachment: ShownAttachment, download: boolean): string;
  /** The first tab: what comes before the attachments. */
  smsText: string;
}

const isPdf = ({ contentType }: ShownAttachment) => contentType === 'application/pdf';

/**
 * The text of the SMS, the PDF and the image: as tabs with JavaScript, one below the other without. A file is
 * asked for when it comes into sight, because opening one goes on the record.
 */
export function NoticeContent({ attachments, addressOf, smsText }: NoticeContentProps) {
  const pdfs = attachments.filter(isPdf);
  const images = attachments.filter((attachment) => !isPdf(attachment));
  const tabs = [
    smsText && { id: 'sms-text', title: 'متن پیامک', content: <p class="letter">{smsText}</p> },
    pdfs.length > 0 && {
      id: 'pdf',
      title: 'فایل PDF',
      content: pdfs.map((file) => <Sheet key={file.id} file={file} addressOf={addressOf} />),
    },
    images.length > 0 && {
      id: 'image',
      title: 'تصویر',
      content: images.map((file) => <Picture key={file.id} file={file} addressOf={addressOf} />),
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

type FileProps = Pick<NoticeContentProps, 'addressOf'> & { file: ShownAttachment };

const Sheet = ({ file, addressOf }: FileProps) =>
  file.removedAt ? (
    <Removed file={file} at={file.removedAt} />
  ) : (
    <figure class="file">
      <Caption file={file} addressOf={addressOf} />
      <iframe class="sheet" src={addressOf(file, false)} title={`فایل ${file.fileName}`} loading="lazy" />
    </figure>
  );

/** Said plainly, with what is left of it: the name and the size. */
const Removed = ({ file, at }: { file: ShownAttachment; at: Date }) => (
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
    <bdi>{file.fileName}</bdi> <small class="none">({sizeOf(file.size)})</small>
  </span>
);

const Picture = ({ file, addressOf }: FileProps) =>
  file.removedAt ? (
    <Removed file={file} at={file.removedAt} />
  ) : (
    <figure class="file">
      <Caption file={file} addressOf={addressOf} />
      <img class="picture" src={addressOf(file, false)} alt={`تصویر ${file.fileName}`} loading="lazy" />
    </figure>
  );

const Caption = ({ file, addressOf }: FileProps) => (
  <figcaption>
    <FileName file={file} />
    <span class="actions">
      <a class="button quiet" href={addressOf(file, false)} target="_blank" rel="noopener">
        باز کردن<span class="visually-hidden"> {file.fileName} در برگه تازه</span>
      </a>
      <a class="button quiet" href={addressOf(file, true)} download>
        دریافت<span class="visually-hidden"> {file.fileName}</span>
      </a>
    </span>
  </figcaption>
);

function sizeOf(bytes: number): string {
  const kilobytes = Math.max(1, Math.round(bytes / 1024));
  if (kilobytes < 1024) return `${toPersianDigits(kilobytes)} کیلوبایت`;
  return `${toPersianDigits((kilobytes / 1024).toFixed(1).replace('.', '٫'))} مگابایت`;
}
