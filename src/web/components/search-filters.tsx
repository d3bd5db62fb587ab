/** What a search leaves out, and its order. */
import { Checkbox, Group, NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSession } from '../hub/queries.ts';
import { searchAges, searchArchitectures, searchOrders, searchStars } from '../hub/search-view.ts';
import type { SearchView } from '../routes.ts';
import { useFormat } from '../text/format.ts';

interface SearchFiltersProps {
  readonly view: SearchView;
  readonly onChange: (changes: Partial<SearchView>) => void;
}

export function SearchFilters({ view, onChange }: SearchFiltersProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const session = useSession();
  const any = { value: '' as const, label: t('search.any') };
  return (
    <Group gap="sm" align="flex-end" role="group" aria-label={t('search.filters')}>
      <Choice
        label={t('search.sort')}
        value={view.sort ?? 'best'}
        data={searchOrders.map((value) => ({ value, label: t(`search.orders.${value}`) }))}
        onChange={(sort) => onChange({ sort: sort === 'best' ? undefined : sort })}
      />
      <Choice<NonNullable<SearchView['updated']> | ''>
        label={t('search.updated')}
        value={view.updated ?? ''}
        data={[any, ...searchAges.map((value) => ({ value, label: t(`search.ages.${value}`) }))]}
        onChange={(updated) => onChange({ updated: updated || undefined })}
      />
      <Choice
        label={t('search.stars')}
        value={view.stars ?? ''}
        data={[
          any,
          ...searchStars.map((value) => ({
            value,
            label: t('search.leastStars', { formatted: format.number(Number(value)) }),
          })),
        ]}
        onChange={(stars) => onChange({ stars: stars || undefined })}
      />
      <Choice
        label={t('search.architecture')}
        value={view.architecture ?? ''}
        data={[any, ...searchArchitectures.map((value) => ({ value, label: value }))]}
        onChange={(architecture) => onChange({ architecture: architecture || undefined })}
      />
      <Checkbox
        size="sm"
        pb={8}
        label={t('common.official')}
        checked={view.official !== undefined}
        onChange={(event) => onChange({ official: event.currentTarget.checked ? 'true' : undefined })}
      />
      {session.data && (
        <Checkbox
          size="sm"
          pb={8}
          label={t('search.mine')}
          checked={view.mine !== undefined}
          onChange={(event) => onChange({ mine: event.currentTarget.checked ? 'true' : undefined })}
        />
      )}
    </Group>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly data: { value: T; label: string }[];
  readonly onChange: (value: T) => void;
}

function Choice<T extends string>({ label, value, data, onChange }: ChoiceProps<T>) {
  return (
    <NativeSelect
      size="sm"
      label={label}
      value={value}
      data={data}
      onChange={(event) => onChange(event.currentTarget.value as T)}
    />
  );
}
