/** What a namespace or a repository keeps: rules to be changed, what they would remove, and what has gone. */
import { Button, Group, NumberInput, Stack, Switch, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import type { RetentionScope } from '../../hub-api/rules-client.ts';
import type { Retention as RetentionState, RetentionPolicy } from '../../hub-api/types.ts';
import { isFailed } from '../hub/queries.ts';
import {
  usePreviewRetention,
  useRemoveRetention,
  useRetention,
  useRunRetention,
  useSetRetention,
} from '../hub/rules.ts';
import { ConfirmButton } from './confirm.tsx';
import { Failure, FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { RetentionPreviewList } from './retention-preview.tsx';
import { policyOf, RetentionRules, type RetentionValues, valuesOf } from './retention-rules.tsx';
import { RetentionRuns } from './retention-runs.tsx';

interface RetentionProps {
  readonly scope: RetentionScope;
}

export function Retention({ scope }: RetentionProps) {
  const { t } = useTranslation();
  const retention = useRetention(scope);
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('retention.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {scope.name === undefined ? t('retention.leadNamespace') : t('retention.lead')}
      </Text>
      {isFailed(retention) && <Failure error={retention.error} retry={retention.refetch} />}
      {retention.data && (
        <Stack gap="lg">
          <PolicyForm key={JSON.stringify(retention.data.policy)} scope={scope} retention={retention.data} />
          <RetentionRuns runs={retention.data.runs} />
        </Stack>
      )}
    </section>
  );
}

interface PolicyFormProps extends RetentionProps {
  readonly retention: RetentionState;
}

function PolicyForm({ scope, retention: { policy, inherited } }: PolicyFormProps) {
  const { t } = useTranslation();
  const set = useSetRetention(scope);
  const preview = usePreviewRetention(scope);
  const form = useForm<RetentionValues>({
    initialValues: valuesOf(policy),
    // What was previewed is not what the form says any more.
    onValuesChange: () => preview.reset(),
  });
  const onError = (error: Error): void => form.setErrors(inputErrors(error));
  const submit = form.onSubmit((values) =>
    set.mutate(policyOf(values), {
      onSuccess: () => notifications.show({ message: t('common.saved') }),
      onError,
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {!policy && inherited && <Text size="sm">{t('retention.inherited')}</Text>}
        <RetentionRules form={form} />
        <NumberInput
          label={t('retention.untagged')}
          description={t('retention.untaggedHint')}
          placeholder={t('common.never')}
          maw={320}
          min={1}
          max={3650}
          allowDecimal={false}
          {...form.getInputProps('untaggedDays')}
        />
        <Switch
          label={t('retention.enabled')}
          description={t('retention.enabledHint')}
          {...form.getInputProps('enabled', { type: 'checkbox' })}
        />
        <FailureAlert error={set.error ?? preview.error} />
        <Group>
          <Button type="submit" variant="default" loading={set.isPending}>
            {t('common.save')}
          </Button>
          <Button
            variant="subtle"
            loading={preview.isPending}
            onClick={() => preview.mutate(policyOf(form.values), { onError })}
          >
            {t('retention.preview')}
          </Button>
          {policy && !form.isDirty() && <StoredPolicy scope={scope} policy={policy} />}
        </Group>
        {preview.data && <RetentionPreviewList preview={preview.data} rules={policyOf(form.values).rules} />}
      </Stack>
    </form>
  );
}

function StoredPolicy({ scope, policy }: RetentionProps & { readonly policy: RetentionPolicy }) {
  const { t } = useTranslation();
  const run = useRunRetention(scope);
  const remove = useRemoveRetention(scope);
  return (
    <>
      {(policy.rules.length > 0 || policy.untagged_days !== null) && (
        <ConfirmButton
          label={t('retention.run')}
          title={t('retention.runTitle')}
          text={t('retention.runText')}
          action={t('retention.run')}
          work={run}
          conflict={t('retention.busy')}
          onConfirm={(close) => run.mutate(undefined, { onSuccess: close })}
        />
      )}
      <ConfirmButton
        label={t('retention.remove')}
        look={{ variant: 'subtle', color: 'gray' }}
        title={t('retention.removeTitle')}
        text={t('retention.removeText')}
        action={t('retention.remove')}
        work={remove}
        onConfirm={(close) => remove.mutate(undefined, { onSuccess: close })}
      />
    </>
  );
}
