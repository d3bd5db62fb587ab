/** The pages of a list, where there is more than one. */
import { Pagination } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface PagerProps {
  readonly count: number;
  readonly pageSize: number;
  readonly page: number;
  readonly onChange: (page: number) => void;
}

export function Pager({ count, pageSize, page, onChange }: PagerProps) {
  const { t } = useTranslation();
  const total = Math.ceil(count / pageSize);
  if (total < 2) return null;
  return (
    <Pagination.Root
      total={total}
      value={page}
      onChange={onChange}
      getItemProps={(item) => ({ 'aria-label': String(item) })}
    >
      <nav aria-label={t('common.pages')}>
        <div style={{ display: 'flex', flexWrap: 'wrap', gap: 6, justifyContent: 'center', marginTop: 20 }}>
          <Pagination.Previous aria-label={t('common.previous')} />
          <Pagination.Items />
          <Pagination.Next aria-label={t('common.next')} />
        </div>
      </nav>
    </Pagination.Root>
  );
}
