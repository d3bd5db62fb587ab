/** The access tokens of who is signed in: the list, a new one, shown once, and the ends of them. */
import { Alert, Button, Group, Modal, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import type { AccessToken, CreateAccessTokenRequest } from '../../hub-api/types.ts';
import { useCreateAccessToken, useDeleteAccessToken, useUpdateAccessToken } from '../hub/mutations.ts';
import { isFailed, useAccessTokens } from '../hub/queries.ts';
import { Command } from './command.tsx';
import { Failure, FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { RelativeTime } from './relative-time.tsx';
import { ListSkeleton } from './repository-list.tsx';
import { useTool } from './tool-commands.tsx';

type Scope = CreateAccessTokenRequest['scopes'][number];

const scopes: readonly Scope[] = ['repo:read', 'repo:write', 'repo:delete', 'repo:admin', 'repo:public_read'];
/** In days; '' is for ever. */
const lifetimes = ['30', '90', '365', ''] as const;
const day = 86_400_000;
const longestLabel = 100;

export function AccessTokens({ username }: { readonly username: string }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  return (
    <section className="card panel">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
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
  const label = token.token_label;
  return (
    <>
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Text fw={600} size="sm">
          <bdi>{label}</bdi>
          {!token.is_active && (
            <Text span inherit c="dimmed" fw={400}>
              {' '}
              {t('tokens.inactive')}
            </Text>
          )}
        </Text>
        <Text size="xs" c="dimmed">
          {token.scopes.map((scope) => t(`tokens.scopes.${scope}`)).join(', ')} · {t('tokens.lastUsed')}{' '}
          {token.last_used ? <RelativeTime time={token.last_used} /> : t('common.never')}
          {token.expires_at && (
            <>
              {' '}
              · {t('tokens.ends')} <RelativeTime time={token.expires_at} />
            </>
          )}
        </Text>
        <FailureAlert error={update.error ?? remove.error} />
      </div>
      <Group gap="xs" wrap="nowrap" flex="none">
        <Button
          size="xs"
          variant="default"
          loading={update.isPending}
          aria-label={t(token.is_active ? 'tokens.disableThis' : 'tokens.enableThis', { label })}
          onClick={() => update.mutate({ uuid: token.uuid, is_active: !token.is_active })}
        >
          {token.is_active ? t('tokens.disable') : t('tokens.enable')}
        </Button>
        <Button
          size="xs"
          variant="light"
          color="red"
          loading={remove.isPending}
          aria-label={t('tokens.deleteThis', { label })}
          onClick={() => remove.mutate(token.uuid)}
        >
          {t('tokens.delete')}
        </Button>
      </Group>
    </>
  );
}

function NewToken({ username, close }: { readonly username: string; readonly close: () => void }) {
  const { t } = useTranslation();
  const create = useCreateAccessToken();
  const form = useForm<{ token_label: string; scope: Scope; lifetime: (typeof lifetimes)[number] }>({
    initialValues: { token_label: '', scope: 'repo:write', lifetime: '90' },
    validate: { token_label: (value) => (value.trim() === '' ? t('tokens.labelEmpty') : null) },
  });
  if (create.data) return <Shown username={username} token={create.data.token} close={close} />;
  const submit = form.onSubmit(({ token_label, scope, lifetime }) =>
    create.mutate(
      {
        token_label,
        scopes: [scope],
        expires_at: lifetime === '' ? null : new Date(Date.now() + Number(lifetime) * day).toISOString(),
      },
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
        <NativeSelect
          label={t('tokens.lifetime')}
          data={lifetimes.map((days) => ({
            value: days,
            label: days === '' ? t('tokens.forEver') : t('tokens.days', { count: Number(days) }),
          }))}
          {...form.getInputProps('lifetime')}
        />
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

interface ShownProps {
  readonly username: string;
  readonly token: string;
  readonly close: () => void;
}

/** The only time that anybody sees it. */
function Shown({ username, token, close }: ShownProps) {
  const { t } = useTranslation();
  const { words } = useTool();
  const registry = words.prefix.replace(/\/$/, '');
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light" c="var(--mantine-color-text)">
        {t('tokens.once')}
      </Alert>
      <Command text={token} label={t('tokens.token')} />
      <Text size="sm">{t('tokens.login')}</Text>
      <Command
        text={[words.tool, 'login', '-u', username, registry].filter(Boolean).join(' ')}
        label={t('tokens.login')}
      />
      <Group justify="flex-end">
        <Button onClick={close}>{t('common.close')}</Button>
      </Group>
    </Stack>
  );
}
