/** Which tags of a repository never move: none, all, or those that rules match. Each rule shows which tags it has now. */
import {
  ActionIcon,
  Button,
  Group,
  Radio,
  Stack,
  Text,
  TextInput,
  type TextInputProps,
  Title,
} from '@mantine/core';
import { type FormRulesRecord, useForm, type UseFormReturnType } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Repository } from '../../hub-api/types.ts';
import { useSetImmutableTags, useVerifiedRule } from '../hub/repository-settings.ts';
import { useFormat } from '../text/format.ts';
import { FailureAlert } from './failure.tsx';

const everything = '.*';
/** The hub's rules. */
const mostRules = 20;
const longestRule = 256;
const typingPause = 300;
/** How many of the tags that a rule matches are named. */
const named = 8;

type Reach = 'none' | 'all' | 'some';

interface Values {
  readonly reach: Reach;
  readonly rules: readonly { readonly regex: string }[];
}

interface ImmutableTagsProps {
  readonly repository: Repository;
}

export function ImmutableTags({ repository }: ImmutableTagsProps) {
  const { t } = useTranslation();
  const set = useSetImmutableTags(repository);
  const form = useForm<Values>({
    initialValues: valuesOf(repository),
    validate: {
      rules: {
        regex: (value, { reach }) => (reach === 'some' && value === '' ? t('immutable.ruleEmpty') : null),
      },
    },
  });
  const submit = form.onSubmit(({ reach, rules }) =>
    set.mutate(
      {
        immutable_tags: reach !== 'none',
        // Rules stay while they are not in force, to be taken up again.
        ...(reach === 'all' && { immutable_tags_rules: [everything] }),
        ...(reach === 'some' && { immutable_tags_rules: rules.map(({ regex }) => regex) }),
      },
      { onSuccess: () => notifications.show({ message: t('common.saved') }) },
    ),
  );
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('immutable.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('immutable.lead')}
      </Text>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <Radio.Group aria-label={t('immutable.title')} {...form.getInputProps('reach')}>
            <Stack gap="xs">
              <Radio value="none" label={t('immutable.none')} />
              <Radio value="all" label={t('immutable.all')} />
              <Radio value="some" label={t('immutable.some')} />
            </Stack>
          </Radio.Group>
          {form.values.reach === 'some' && <Rules repository={repository} form={form} />}
          <FailureAlert error={set.error} />
          {set.error && <Text size="sm">{t('immutable.wrong')}</Text>}
          <Button type="submit" variant="default" loading={set.isPending} style={{ alignSelf: 'flex-start' }}>
            {t('common.save')}
          </Button>
        </Stack>
      </form>
    </section>
  );
}

function valuesOf({ immutable_tags_settings: { enabled, rules } }: Repository): Values {
  const isEverything = rules.length === 0 || (rules.length === 1 && rules[0] === everything);
  const chosen = isEverything ? 'all' : 'some';
  return {
    reach: enabled ? chosen : 'none',
    rules: (isEverything ? [''] : rules).map((regex) => ({ regex })),
  };
}

interface RulesProps extends ImmutableTagsProps {
  readonly form: UseFormReturnType<Values, Values, FormRulesRecord<Values>>;
}

function Rules({ repository, form }: RulesProps) {
  const { t } = useTranslation();
  const { rules } = form.values;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t('immutable.syntax')}
      </Text>
      {rules.map(({ regex }, index) => (
        <Rule
          // A rule is what stands in its place.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          repository={repository}
          regex={regex}
          number={index + 1}
          input={form.getInputProps(`rules.${index}.regex`)}
          remove={rules.length > 1 ? () => form.removeListItem('rules', index) : undefined}
        />
      ))}
      {rules.length < mostRules && (
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => form.insertListItem('rules', { regex: '' })}
        >
          {t('immutable.addRule')}
        </Button>
      )}
    </Stack>
  );
}

interface RuleProps extends ImmutableTagsProps {
  readonly regex: string;
  readonly number: number;
  readonly input: TextInputProps;
  /** Undefined for the only one. */
  readonly remove: (() => void) | undefined;
}

function Rule({ repository, regex, number, input, remove }: RuleProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [settled] = useDebouncedValue(regex, typingPause);
  const verified = useVerifiedRule(repository, settled);
  const isWrong = verified.isError && settled === regex;
  const tags = verified.data?.tags ?? [];
  const preview = (): string | undefined => {
    if (!verified.data || settled !== regex) return undefined;
    if (tags.length === 0) return t('immutable.matchesNone');
    const names = tags.slice(0, named).join(', ');
    return t('immutable.matches', {
      count: tags.length,
      formatted: format.number(tags.length),
      names: tags.length > named ? `${names}, …` : names,
    });
  };
  return (
    <Group align="flex-start" gap="xs" wrap="nowrap">
      <TextInput
        flex={1}
        maw={460}
        aria-label={t('immutable.rule', { number })}
        placeholder="v[0-9.]+"
        classNames={{ input: 'mono' }}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={longestRule}
        description={preview()}
        {...input}
        error={input.error ?? (isWrong && t('immutable.wrong'))}
      />
      {remove && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          aria-label={t('immutable.removeRule', { number })}
          onClick={remove}
        >
          <IconX size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}
