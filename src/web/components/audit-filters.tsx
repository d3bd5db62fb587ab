/** What of the audit log is looked for. */
import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type AuditFilter, auditGroups, isAuditFiltered, noAuditFilter } from '../hub/audit.ts';

interface AuditFiltersProps {
  readonly filter: AuditFilter;
  readonly onChange: (changes: Partial<AuditFilter>) => void;
}

export function AuditFilters({ filter, onChange }: AuditFiltersProps) {
  const { t } = useTranslation();
  const input = (key: 'actor' | 'name' | 'token' | 'address' | 'from' | 'to') => ({
    size: 'sm',
    label: t(`audit.${key}`),
    value: filter[key],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      onChange({ [key]: event.currentTarget.value }),
  });
  return (
    <Group gap="sm" align="flex-end" role="group" aria-label={t('audit.filters')}>
      <NativeSelect
        size="sm"
        label={t('audit.group')}
        value={filter.group}
        data={[
          { value: '' as const, label: t('audit.groups.all') },
          ...auditGroups.map((value) => ({ value, label: t(`audit.groups.${value}`) })),
        ]}
        onChange={(event) => onChange({ group: event.currentTarget.value as AuditFilter['group'] })}
      />
      <TextInput {...input('actor')} placeholder={t('audit.actorHint')} w={160} />
      <TextInput {...input('name')} placeholder={t('audit.nameHint')} w={180} />
      <TextInput {...input('token')} w={140} />
      <TextInput {...input('address')} w={140} />
      <TextInput {...input('from')} type="date" />
      <TextInput {...input('to')} type="date" />
      {isAuditFiltered(filter) && (
        <Button size="sm" variant="subtle" onClick={() => onChange(noAuditFilter)}>
          {t('audit.clear')}
        </Button>
      )}
    </Group>
  );
}
