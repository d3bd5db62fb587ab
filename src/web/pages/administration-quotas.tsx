/** How much namespaces may hold: those that have a limit, a new one, and what new accounts get. */
import { Button, Group, NumberInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { NamespaceQuota } from '../../hub-api/types.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { ConfirmButton } from '../components/confirm.tsx';
import { Failure, FailureAlert } from '../components/failure.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { QuotaBars } from '../components/namespace-quota.tsx';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed } from '../hub/queries.ts';
import { type QuotaLimits, useQuotas, useSetQuota } from '../hub/rules.ts';
import { accountPath } from '../routes.ts';

const pageSize = 50;
const gigabyte = 1e9;

export function AdministrationQuotas() {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const quotas = useQuotas({ page, page_size: pageSize });
  if (quotas.isPending) return <ListSkeleton />;
  if (isFailed(quotas)) return <Failure error={quotas.error} retry={quotas.refetch} />;
  const { count, results, ...data } = quotas.data;
  const otherwise = {
    bytes: data.default_bytes,
    repositories: data.default_repositories,
    privateRepositories: data.default_private_repositories,
  };
  return (
    <Stack gap="lg">
      <SetQuota />
      <DefaultQuota key={JSON.stringify(otherwise)} limits={otherwise} />
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

function Quota({ quota }: { readonly quota: NamespaceQuota }) {
  const { t } = useTranslation();
  const set = useSetQuota();
  const { namespace } = quota;
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <Stack gap={4} style={{ flex: 1, minWidth: 0 }}>
        <Link className="repository-link" to={accountPath(namespace)}>
          {namespace}
        </Link>
        <QuotaBars quota={quota} />
      </Stack>
      <ConfirmButton
        label={t('quota.remove')}
        ariaLabel={t('quota.removeOf', { name: namespace })}
        look={{ size: 'xs', color: 'gray', variant: 'subtle' }}
        title={t('quota.removeOf', { name: namespace })}
        text={t('quota.removeText')}
        action={t('quota.remove')}
        work={set}
        onConfirm={(close) => set.mutate({ namespace, ...unlimited }, { onSuccess: close })}
      />
    </Group>
  );
}

const unlimited: QuotaLimits = { bytes: null, repositories: null, privateRepositories: null };

/** As they are typed: '' for no limit, gigabytes for bytes. */
interface LimitInputs {
  readonly size: number | string;
  readonly repositories: number | string;
  readonly privateRepositories: number | string;
}

function limitsOf({ size, repositories, privateRepositories }: LimitInputs): QuotaLimits {
  const numberIn = (value: number | string): number | null => (value === '' ? null : Number(value));
  return {
    bytes: size === '' ? null : Math.round(Number(size) * gigabyte),
    repositories: numberIn(repositories),
    privateRepositories: numberIn(privateRepositories),
  };
}

/** An input without anything in it leaves a limit as it is: what that is, is not shown there. */
function givenOf(limits: QuotaLimits): Partial<QuotaLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== null));
}

function SetQuota() {
  const { t } = useTranslation();
  const set = useSetQuota();
  const form = useForm<Inputs>({
    initialValues: { namespace: '', size: '', repositories: '', privateRepositories: '' },
    validate: {
      namespace: (value) => (value.trim() === '' ? t('quota.namespaceMissing') : null),
      size: (value, { repositories, privateRepositories }) => {
        if (value === '')
          return repositories === '' && privateRepositories === '' ? t('quota.sizeMissing') : null;
        return Number(value) > 0 ? null : t('quota.sizeMissing');
      },
    },
  });
  const submit = form.onSubmit(({ namespace, ...inputs }) =>
    set.mutate(
      { namespace: namespace.trim(), ...givenOf(limitsOf(inputs)) },
      {
        onSuccess: () => {
          notifications.show({ message: t('common.saved') });
          form.reset();
        },
        onError: (error) =>
          form.setErrors(
            error instanceof NotFoundError ? { namespace: t('quota.namespaceUnknown') } : inputErrors(error),
          ),
      },
    ),
  );
  return (
    <QuotaForm title={t('quota.limit')} lead={t('quota.lead')} form={form} submit={submit} work={set}>
      <TextInput
        label={t('quota.namespace')}
        autoComplete="off"
        autoCapitalize="none"
        {...form.getInputProps('namespace')}
      />
    </QuotaForm>
  );
}

function DefaultQuota({ limits }: { readonly limits: QuotaLimits }) {
  const { t } = useTranslation();
  const set = useSetQuota();
  const form = useForm<Inputs>({
    initialValues: {
      namespace: '',
      size: limits.bytes === null ? '' : limits.bytes / gigabyte,
      repositories: limits.repositories ?? '',
      privateRepositories: limits.privateRepositories ?? '',
    },
    validate: { size: (value) => (value === '' || Number(value) > 0 ? null : t('quota.sizeMissing')) },
  });
  const submit = form.onSubmit((inputs) =>
    set.mutate(limitsOf(inputs), { onSuccess: () => notifications.show({ message: t('common.saved') }) }),
  );
  return (
    <QuotaForm
      title={t('quota.default')}
      lead={t('quota.defaultHint')}
      form={form}
      submit={submit}
      work={set}
    />
  );
}

interface Inputs extends LimitInputs {
  readonly namespace: string;
}

interface QuotaFormProps {
  readonly title: string;
  readonly lead: string;
  readonly form: UseFormReturnType<Inputs>;
  readonly submit: ReturnType<UseFormReturnType<Inputs>['onSubmit']>;
  readonly work: { readonly isPending: boolean; readonly error: Error | null };
  readonly children?: ReactNode;
}

function QuotaForm({ title, lead, form, submit, work, children }: QuotaFormProps) {
  const { t } = useTranslation();
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {title}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {lead}
      </Text>
      <form onSubmit={submit} noValidate>
        <Group align="flex-start">
          {children}
          <NumberInput label={t('quota.size')} min={0} decimalScale={3} {...form.getInputProps('size')} />
          <NumberInput
            label={t('quota.count')}
            min={0}
            allowDecimal={false}
            {...form.getInputProps('repositories')}
          />
          <NumberInput
            label={t('quota.privateCount')}
            min={0}
            allowDecimal={false}
            {...form.getInputProps('privateRepositories')}
          />
          <Button type="submit" mt={25} loading={work.isPending}>
            {t('common.save')}
          </Button>
        </Group>
        {!(work.error instanceof NotFoundError) && <FailureAlert error={work.error} />}
      </form>
    </section>
  );
}
