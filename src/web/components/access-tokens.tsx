/** The access tokens of who is signed in: the list, a new one, shown once, and the ends of them. */
import { Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { AccessToken, CreateAccessTokenRequest } from '../../hub-api/types.ts';
import { useCreateAccessToken, useDeleteAccessToken, useUpdateAccessToken } from '../hub/mutations.ts';
import { isFailed, useAccessTokens } from '../hub/queries.ts';
import { Failure } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { ListSkeleton } from './repository-list.tsx';
import { ShownToken } from './shown-token.tsx';
import { TokenFacts } from './token-facts.tsx';
import { TokenForm } from './token-form.tsx';
import { expiryOf, type TokenLifetime, usualLifetime } from './token-lifetime.tsx';
import { TokenSection } from './token-section.tsx';

type Scope = CreateAccessTokenRequest['scopes'][number];

const scopes: readonly Scope[] = ['repo:read', 'repo:write', 'repo:delete', 'repo:admin', 'repo:public_read'];

export function AccessTokens({ username }: { readonly username: string }) {
  const { t } = useTranslation();
  return (
    <TokenSection
      lead={t('tokens.lead')}
      newToken={(close) => <NewToken username={username} close={close} />}
    >
      <List />
    </TokenSection>
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
    <TokenForm
      scopes={scopes}
      wordOf={(scope) => scope}
      inputs={{
        label: form.getInputProps('token_label'),
        scope: form.getInputProps('scope'),
        lifetime: form.getInputProps('lifetime'),
      }}
      work={create}
      onSubmit={submit}
      close={close}
    />
  );
}
