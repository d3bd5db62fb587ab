/** The rules of a policy as a form: one line each. */
import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { RetentionPolicy } from '../../hub-api/types.ts';

type Rule = RetentionPolicy['rules'][number];

const kinds = [
  'latest',
  'pushed_within',
  'pulled_within',
  'always',
] as const satisfies readonly Rule['keep'][];
const mostRules = 20;

export interface RetentionValues {
  readonly enabled: boolean;
  /** '': they stay. */
  readonly untaggedDays: number | string;
  readonly rules: readonly {
    readonly keep: Rule['keep'];
    readonly tags: string;
    readonly number: number | string;
  }[];
}

export function valuesOf(policy: RetentionPolicy | null): RetentionValues {
  return {
    enabled: policy?.enabled ?? true,
    untaggedDays: policy?.untagged_days ?? '',
    rules: (policy?.rules ?? []).map((rule) => ({
      keep: rule.keep,
      tags: rule.tags,
      number: numberOf(rule),
    })),
  };
}

export function policyOf({ enabled, untaggedDays, rules }: RetentionValues): RetentionPolicy {
  return {
    enabled,
    untagged_days: untaggedDays === '' ? null : Number(untaggedDays),
    rules: rules.map(({ keep, tags, number }): Rule => {
      if (keep === 'latest') return { keep, tags, count: Number(number) };
      return keep === 'always' ? { keep, tags } : { keep, tags, days: Number(number) };
    }),
  };
}

function numberOf(rule: Rule): number {
  if (rule.keep === 'latest') return rule.count;
  return rule.keep === 'always' ? 1 : rule.days;
}

interface RulesProps {
  readonly form: UseFormReturnType<RetentionValues>;
}

export function RetentionRules({ form }: RulesProps) {
  const { t } = useTranslation();
  const { rules } = form.values;
  return (
    <Stack gap="sm">
      <Text size="sm">{rules.length === 0 ? t('retention.keepsAll') : t('retention.keeps')}</Text>
      {rules.map(({ keep }, index) => (
        <Group
          // A rule is what stands in its place.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          align="flex-end"
          gap="xs"
        >
          <Select
            label={t('retention.rule', { number: index + 1 })}
            data={kinds.map((kind) => ({ value: kind, label: t(`retention.kinds.${kind}`) }))}
            allowDeselect={false}
            w={240}
            {...form.getInputProps(`rules.${index}.keep`)}
          />
          {keep !== 'always' && (
            <NumberInput
              label={keep === 'latest' ? t('retention.count') : t('retention.days')}
              min={1}
              max={keep === 'latest' ? 10_000 : 3650}
              allowDecimal={false}
              w={100}
              {...form.getInputProps(`rules.${index}.number`)}
            />
          )}
          <TextInput
            label={t('retention.tags')}
            classNames={{ input: 'mono' }}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={128}
            w={160}
            {...form.getInputProps(`rules.${index}.tags`)}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t('retention.removeRule', { number: index + 1 })}
            onClick={() => form.removeListItem('rules', index)}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {rules.length < mostRules && (
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => form.insertListItem('rules', { keep: 'latest', tags: '*', number: 10 })}
        >
          {t('retention.addRule')}
        </Button>
      )}
    </Stack>
  );
}
