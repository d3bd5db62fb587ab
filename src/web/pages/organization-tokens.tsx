/** The access tokens of an organization, for programs that belong to nobody: its name is the username. */
import { Radio, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  CreateOrganizationTokenRequest,
  OrganizationToken,
  SeenOrganization,
} from '../../hub-api/types.ts';
import { Failure } from '../components/failure.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { RepositoryNames } from '../components/repository-names.tsx';
import { ShownToken } from '../components/shown-token.tsx';
import { TokenFacts } from '../components/token-facts.tsx';
import { TokenForm } from '../components/token-form.tsx';
import { expiryOf, type TokenLifetime, usualLifetime } from '../components/token-lifetime.tsx';
import { TokenSection } from '../components/token-section.tsx';
import {
  useCreateOrganizationToken,
  useDeleteOrganizationToken,
  useOrganizationTokens,
  useUpdateOrganizationToken,
} from '../hub/organizations.ts';
import { isFailed } from '../hub/queries.ts';

type Resource = CreateOrganizationTokenRequest['resources'][number];
type Scope = Resource['scopes'][number];

const pageSize = 25;
const scopes: readonly Scope[] = ['repo-pull', 'repo-push', 'repo-delete', 'repo-admin'];
/** The same rights under the names that tokens of people have for them. */
const words = {
  'repo-pull': 'repo:read',
  'repo-push': 'repo:write',
  'repo-delete': 'repo:delete',
  'repo-admin': 'repo:admin',
} as const;

export function OrganizationTokens({ organization }: { readonly organization: SeenOrganization }) {
  const { t } = useTranslation();
  const { orgname: org } = organization;
  return (
    <TokenSection
      lead={t('organizationTokens.lead', { org })}
      newToken={(close) => <NewToken org={org} close={close} />}
    >
      <List org={org} />
    </TokenSection>
  );
}

function List({ org }: { readonly org: string }) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const tokens = useOrganizationTokens(org, { page, page_size: pageSize });
  if (tokens.isPending) return <ListSkeleton />;
  if (isFailed(tokens)) return <Failure error={tokens.error} retry={tokens.refetch} />;
  const { total, results } = tokens.data;
  if (total === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('tokens.none')}
      </Text>
    );
  }
  return (
    <>
      <ul className="rows" aria-label={t('tokens.title')}>
        {results.map((token) => (
          <li key={token.id} className="setting-row">
            <Row org={org} token={token} />
          </li>
        ))}
      </ul>
      <Pager count={total} pageSize={pageSize} page={page} onChange={setPage} />
    </>
  );
}

function Row({ org, token }: { readonly org: string; readonly token: OrganizationToken }) {
  const { t } = useTranslation();
  const update = useUpdateOrganizationToken(org);
  const remove = useDeleteOrganizationToken(org);
  const scope = token.resources[0]?.scopes[0] ?? 'repo-pull';
  const places = token.resources.map(({ path }) => path).join(', ');
  return (
    <TokenFacts
      label={token.label}
      isActive={token.is_active}
      rights={`${t(`tokens.scopes.${words[scope]}`)}: ${places}`}
      lastUsed={token.last_used_at}
      expires={token.expires_at}
      error={update.error}
      isUpdating={update.isPending}
      removal={remove}
      setActive={(isActive) => update.mutate({ id: token.id, is_active: isActive })}
      remove={() => remove.mutate(token.id)}
    />
  );
}

interface NewTokenValues {
  readonly label: string;
  readonly scope: Scope;
  readonly reach: 'all' | 'some';
  /** `acme/app` */
  readonly paths: string[];
  readonly lifetime: TokenLifetime;
}

function NewToken({ org, close }: { readonly org: string; readonly close: () => void }) {
  const { t } = useTranslation();
  const create = useCreateOrganizationToken(org);
  const form = useForm<NewTokenValues>({
    initialValues: { label: '', scope: 'repo-pull', reach: 'all', paths: [], lifetime: usualLifetime },
    validate: {
      label: (value) => (value.trim() === '' ? t('tokens.labelEmpty') : null),
      paths: (value, { reach }) =>
        reach === 'some' && value.length === 0 ? t('organizationTokens.noneChosen') : null,
    },
  });
  if (create.data) return <ShownToken username={org} token={create.data.token ?? ''} close={close} />;
  const submit = form.onSubmit(({ label, scope, reach, paths, lifetime }) =>
    create.mutate(
      {
        label,
        expires_at: expiryOf(lifetime),
        resources: (reach === 'all' ? [`${org}/*`] : paths).map((path): Resource => ({
          type: 'TYPE_REPO',
          path,
          scopes: [scope],
        })),
      },
      {
        onError: (error) => {
          const { resources, ...others } = inputErrors(error);
          form.setErrors({ ...others, ...(resources !== undefined && { paths: resources }) });
        },
      },
    ),
  );
  return (
    <TokenForm
      scopes={scopes}
      wordOf={(scope) => words[scope]}
      inputs={{
        label: form.getInputProps('label'),
        scope: form.getInputProps('scope'),
        lifetime: form.getInputProps('lifetime'),
      }}
      work={create}
      onSubmit={submit}
      close={close}
    >
      <Radio.Group label={t('organizationTokens.reach')} {...form.getInputProps('reach')}>
        <Stack gap="xs" mt={6}>
          <Radio value="all" label={t('organizationTokens.all', { org })} />
          <Radio value="some" label={t('organizationTokens.some')} />
        </Stack>
      </Radio.Group>
      {form.values.reach === 'some' && <RepositoryNames namespace={org} {...form.getInputProps('paths')} />}
    </TokenForm>
  );
}
