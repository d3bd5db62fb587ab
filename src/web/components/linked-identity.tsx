/** The identity at the provider that opens the account: linked with the password, unlinked where the password is left. */
import { Alert, Button, Group, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { Identity } from '../../hub-api/types.ts';
import { isFailed } from '../hub/queries.ts';
import { useIdentity, useLinkIdentity, useUnlinkIdentity } from '../hub/provider.ts';
import { Failure, FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { ProviderFailure } from './provider-sign-in.tsx';
import { RelativeTime } from './relative-time.tsx';

/** Nothing where the hub has no provider, and while it isn't known. */
export function LinkedIdentity() {
  const { t } = useTranslation();
  const identity = useIdentity();
  if (identity.isPending) return null;
  if (isFailed(identity)) return <Failure error={identity.error} retry={identity.refetch} />;
  const { provider, linked, has_password: hasPassword } = identity.data;
  if (provider === null) return null;
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('identity.title', { provider })}
      </Title>
      <Stack gap="md" align="flex-start">
        <ProviderFailure />
        {linked ? (
          <Linked linked={linked} provider={provider} hasPassword={hasPassword} />
        ) : (
          <Link provider={provider} />
        )}
        {!hasPassword && (
          <Alert color="blue" variant="light" c="var(--mantine-color-text)">
            {t('identity.noPassword', { provider })}
          </Alert>
        )}
      </Stack>
    </section>
  );
}

interface LinkedProps {
  readonly linked: NonNullable<Identity['linked']>;
  readonly provider: string;
  readonly hasPassword: boolean;
}

function Linked({ linked, provider, hasPassword }: LinkedProps) {
  const { t } = useTranslation();
  const unlink = useUnlinkIdentity();
  return (
    <>
      <Text size="sm" c="dimmed">
        {t('identity.linked', { provider, who: linked.email || '–' })} · {t('identity.lastUsed')}{' '}
        <RelativeTime time={linked.last_used_at} />
      </Text>
      <FailureAlert error={unlink.error} conflict={t('identity.onlyWay')} />
      {hasPassword && (
        <Button variant="default" loading={unlink.isPending} onClick={() => unlink.mutate()}>
          {t('identity.unlink')}
        </Button>
      )}
    </>
  );
}

function Link({ provider }: { readonly provider: string }) {
  const { t } = useTranslation();
  const link = useLinkIdentity();
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (value) => (value === '' ? t('signIn.passwordEmpty') : null) },
  });
  const submit = form.onSubmit(({ password }) =>
    link.mutate(password, {
      onError: (error) => form.setErrors(inputErrors(error, { password: t('password.wrong') })),
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md" maw={380}>
        <Text size="sm" c="dimmed">
          {t('identity.notLinked', { provider })}
        </Text>
        <PasswordInput
          label={t('password.old')}
          autoComplete="current-password"
          {...form.getInputProps('password')}
        />
        <FailureAlert error={link.error} />
        <Group>
          <Button type="submit" variant="default" loading={link.isPending}>
            {t('identity.link', { provider })}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
