/** How much namespaces may hold: those that have a limit, a new one, and what new accounts get. */
import { Button, Group, NumberInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { NamespaceQuota } from '../../hub-api/types.ts';
import { ConfirmButton } from '../components/confirm.tsx';
import { Failure, FailureAlert } from '../components/failure.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { QuotaBar } from '../components/namespace-quota.tsx';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed } from '../hub/queries.ts';
import { useQuotas, useSetQuota } from '../hub/rules.ts';
import { accountPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';

const pageSize = 50;
const gigabyte = 1e9;

export function AdministrationQuotas() {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const quotas = useQuotas({ page, page_size: pageSize });
  if (quotas.isPending) return <ListSkeleton />;
  if (isFailed(quotas)) return <Failure error={quotas.error} retry={quotas.refetch} />;
  const { count, results, default_bytes: otherwise } = quotas.data;
  return (
    <Stack gap="lg">
      <SetQuota />
      <DefaultQuota key={otherwise} bytes={otherwise} />
      <section>
        <Title order={2} size="h4" mb="sm">
          {t('quota.set')}
        </Title>
        {count === 0 ? (
          <Text c="dimmed">{t('quota.none')}</Text>
        ) : (
          <ul className="rows card" aria-label={t('quota.set')}>
            {results.map((quota) => (
              <li key={quota.namespace} className="row row-small">
                <Quota quota={quota} />
              </li>
            ))}
          </ul>
        )}
        <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
      </section>
    </Stack>
  );
}

function Quota({
  quota: { namespace, used_bytes: used, max_bytes: max },
}: {
  readonly quota: NamespaceQuota;
}) {
  const { t } = useTranslation();
  const set = useSetQuota();
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <div style={{ flex: 1, minWidth: 0 }}>
        <Link className="repository-link" to={accountPath(namespace)}>
          {namespace}
        </Link>
        <QuotaBar used={used} max={max ?? used} />
      </div>
      <ConfirmButton
        label={t('quota.remove')}
        ariaLabel={t('quota.removeOf', { name: namespace })}
        look={{ size: 'xs', color: 'gray', variant: 'subtle' }}
        title={t('quota.removeOf', { name: namespace })}
        text={t('quota.removeText')}
        action={t('quota.remove')}
        work={set}
        onConfirm={(close) => set.mutate({ namespace, bytes: null }, { onSuccess: close })}
      />
    </Group>
  );
}

function SetQuota() {
  const { t } = useTranslation();
  const set = useSetQuota();
  const form = useForm<{ namespace: string; size: number | string }>({
    initialValues: { namespace: '', size: '' },
    validate: {
      namespace: (value) => (value.trim() === '' ? t('quota.namespaceMissing') : null),
      size: (value) => (Number(value) > 0 ? null : t('quota.sizeMissing')),
    },
  });
  const submit = form.onSubmit(({ namespace, size }) =>
    set.mutate(
      { namespace: namespace.trim(), bytes: Math.round(Number(size) * gigabyte) },
      {
        onSuccess: () => {
          notifications.show({ message: t('common.saved') });
          form.reset();
        },
        onError: (error) => form.setErrors(inputErrors(error)),
      },
    ),
  );
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('quota.limit')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('quota.lead')}
      </Text>
      <form onSubmit={submit} noValidate>
        <Group align="flex-start">
          <TextInput
            label={t('quota.namespace')}
            autoComplete="off"
            autoCapitalize="none"
            {...form.getInputProps('namespace')}
          />
          <NumberInput label={t('quota.size')} min={0} decimalScale={3} {...form.getInputProps('size')} />
          <Button type="submit" mt={25} loading={set.isPending}>
            {t('common.save')}
          </Button>
        </Group>
        <FailureAlert error={set.error} />
      </form>
    </section>
  );
}

function DefaultQuota({ bytes }: { readonly bytes: number | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const set = useSetQuota();
  const [size, setSize] = useState<number | string>(bytes === null ? '' : bytes / gigabyte);
  const chosen = size === '' ? null : Math.round(Number(size) * gigabyte);
  const save = (): void =>
    set.mutate({ bytes: chosen }, { onSuccess: () => notifications.show({ message: t('common.saved') }) });
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('quota.default')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {bytes === null ? t('quota.defaultNone') : t('quota.defaultIs', { size: format.bytes(bytes) })}
      </Text>
      <Group align="flex-start">
        <NumberInput
          label={t('quota.size')}
          description={t('quota.defaultHint')}
          inputWrapperOrder={['label', 'input', 'description']}
          min={0}
          decimalScale={3}
          value={size}
          onChange={setSize}
        />
        <Button variant="default" mt={25} loading={set.isPending} disabled={chosen === 0} onClick={save}>
          {t('common.save')}
        </Button>
      </Group>
      <FailureAlert error={set.error} />
    </section>
  );
}
