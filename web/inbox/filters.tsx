import type { InboxWorkshop } from '../../core/inbox/inbox';
import { toPersianDigits } from '../../core/text/normalise';
import { Button } from '../ui/content';
import { Field, Select } from '../ui/forms';
import { isFiltered, type ListRequest } from './list-query';

/** The longest list of workshops to choose from; with more of them the code is typed. */
const MAX_WORKSHOP_OPTIONS = 100;

/** The search and the filters of the list. On a phone the filters are folded, unless one of them is set. */
export function Filters({ request, workshops }: { request: ListRequest; workshops: InboxWorkshop[] }) {
  const { form, errors } = request;
  const { q: _, ...filters } = form;
  return (
    <search class="search">
      <form action="/inbox" method="get" class="filters">
        <div class="search-line">
          <Field
            name="q"
            label="جستجو"
            value={form.q}
            maxLength={200}
            autocomplete="off"
            placeholder="شماره پیگیری، موضوع یا سیستم"
          />
          <Button>جستجو</Button>
          {isFiltered(form) && (
            <a class="button quiet" href="/inbox">
              همه مکاتبات
            </a>
          )}
        </div>
        <details class="more-filters" open={Object.values(filters).some(Boolean)}>
          <summary>فیلترها</summary>
          <div class="filter-fields">
            <Select
              name="viewed"
              label="وضعیت مشاهده"
              value={form.viewed}
              placeholder="همه"
              options={[
                ['no', 'مشاهده نشده'],
                ['yes', 'مشاهده شده'],
              ]}
            />
            <Field
              name="from"
              label="ثبت از تاریخ"
              value={form.from}
              error={errors.from}
              placeholder="۱۴۰۳/۰۱/۰۱"
              numeric
              maxLength={20}
              autocomplete="off"
            />
            <Field
              name="to"
              label="ثبت تا تاریخ"
              value={form.to}
              error={errors.to}
              placeholder="۱۴۰۳/۱۲/۲۹"
              numeric
              maxLength={20}
              autocomplete="off"
            />
            <WorkshopField value={form.workshop} workshops={workshops} />
          </div>
        </details>
      </form>
    </search>
  );
}

function WorkshopField({ value, workshops }: { value: string; workshops: InboxWorkshop[] }) {
  if (workshops.length > MAX_WORKSHOP_OPTIONS)
    return (
      <Field name="workshop" label="کد کارگاه" value={value} numeric maxLength={20} autocomplete="off" />
    );
  return (
    <Select
      name="workshop"
      label="کارگاه"
      value={value}
      placeholder="همه"
      options={workshops.map(({ code, name }) => [code, `${name} (${toPersianDigits(code)})`])}
    />
  );
}
