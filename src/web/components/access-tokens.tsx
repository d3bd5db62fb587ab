/** The access tokens of who is signed in: the list, a new one, shown once, and the ends of them. */
import { Button, Group, Modal, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import type { AccessToken, CreateAccessTokenRequest } from '../../hub-api/types.ts';
import { useCreateAccessToken, useDeleteAccessToken, useUpdateAccessToken } from '../hub/mutations.ts';
import { isFailed, useAccessTokens } from '../hub/queries.ts';
import { Failure, FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { ListSkeleton } from './repository-list.tsx';
import { ShownToken } from './shown-token.tsx';
import { TokenFacts } from './token-facts.tsx';
import { expiryOf, type TokenLifetime, TokenLifetimeInput, usualLifetime } from './token-lifetime.tsx';

type Scope = CreateAccessTokenRequest['scopes'][number];

const scopes: readonly Scope[] = ['repo:read', 'repo:write', 'repo:delete', 'repo:admin', 'repo:public_read'];
const longestLabel = 100;

export function AccessTokens({ username }: { readonly username: string }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  return (
    <section className="card panel">
      <Group justify="space-between" align="flex-start">
        <div style={{ flex: '1 1 280px' }}>
          <Title order={2} size="h5" mb={4}>
            {t('tokens.title')}
          </Title>
          <Text size="sm" c="dimmed" mb="md">
            {t('tokens.lead')}
          </Text>
        </div>
        <Button variant="default" onClick={open} flex="none">
          {t('tokens.new')}
        </Button>
      </Group>
      <List />
      <Modal opened={opened} onClose={close} title={t('tokens.new')} centered>
        <NewToken username={username} close={close} />
      </Modal>
    </section>
  );
}

function List() {
  const { t } = useTranslation();
  const tokens = useAccessTokens();
  if (tokens.isPending) return <ListSkeleton />;
  if (isFailed(tokens)) return <Failure error={tokens.error} retry={tokens.refetch} />;
  const { results } = tokens.data;
  if (results.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('tokens.none')}
      </Text>
    );
  }
  return (
    <ul className="rows" aria-label={t('tokens.title')}>
      {results.map((token) => (
        <li key={token.uuid} className="setting-row">
          <Row token={token} />
        </li>
      ))}
    </ul>
  );
}

function Row({ token }: { readonly token: AccessToken }) {
  const { t } = useTranslation();
  const update = useUpdateAccessToken();
  const remove = useDeleteAccessToken();
  return (
    <TokenFacts
      label={token.token_label}
      isActive={token.is_active}
      rights={token.scopes.map((scope) => t(`tokens.scopes.${scope}`)).join(', ')}
      lastUsed={token.last_used}
      expires={token.expires_at}
      error={update.error}
      isUpdating={update.isPending}
      removal={remove}
      setActive={(isActive) => update.mutate({ uuid: token.uuid, is_active: isActive })}
      remove={() => remove.mutate(token.uuid)}
    />
  );
}

function NewToken({ username, close }: { readonly username: string; readonly close: () => void }) {
  const { t } = useTranslation();
  const create = useCreateAccessToken();
  const form = useForm<{ token_label: string; scope: Scope; lifetime: TokenLifetime }>({
    initialValues: { token_label: '', scope: 'repo:write', lifetime: usualLifetime },
    validate: { token_label: (value) => (value.trim() === '' ? t('tokens.labelEmpty') : null) },
  });
  if (create.data) return <ShownToken username={username} token={create.data.token} close={close} />;
  const submit = form.onSubmit(({ token_label, scope, lifetime }) =>
    create.mutate(
      { token_label, scopes: [scope], expires_at: expiryOf(lifetime) },
      { onError: (error) => form.setErrors(inputErrors(error)) },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t('tokens.label')}
          description={t('tokens.labelHint')}
          maxLength={longestLabel}
          data-autofocus
          {...form.getInputProps('token_label')}
        />
        <NativeSelect
          label={t('tokens.scope')}
          data={scopes.map((scope) => ({ value: scope, label: t(`tokens.scopes.${scope}`) }))}
          {...form.getInputProps('scope')}
        />
        <TokenLifetimeInput {...form.getInputProps('lifetime')} />
        <FailureAlert error={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('tokens.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
