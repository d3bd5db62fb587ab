/** Who else has rights on a repository, beside those who own it. */
import { Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Collaborator, Permission, Repository } from '../../hub-api/types.ts';
import { useCollaborators, useSetCollaborator } from '../hub/repository-settings.ts';
import { isFailed } from '../hub/queries.ts';
import { accountPath } from '../routes.ts';
import { AddPerson } from './add-person.tsx';
import { Failure, FailureAlert } from './failure.tsx';
import { Pager } from './pager.tsx';
import { usePermissionChoices } from './permissions.ts';
import { ListSkeleton } from './repository-list.tsx';
import { RightControls } from './right-controls.tsx';

const pageSize = 25;

interface CollaboratorsProps {
  readonly repository: Repository;
}

export function Collaborators({ repository }: CollaboratorsProps) {
  const { t } = useTranslation();
  const set = useSetCollaborator(repository);
  const choices = usePermissionChoices();
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('rights.collaborators')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('rights.collaboratorsLead')} {t('permissions.hint')}
      </Text>
      <AddPerson<Permission>
        label={t('rights.addCollaborator')}
        action={t('people.add')}
        choice={{ label: t('permissions.label'), first: 'read', data: choices }}
        check={(user) => (user === repository.namespace ? t('rights.isOwner') : null)}
        work={set}
        add={(user, permission, callbacks) => set.mutate({ user, permission }, callbacks)}
      />
      <List repository={repository} />
    </section>
  );
}

function List({ repository }: CollaboratorsProps) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const collaborators = useCollaborators(repository, { page, page_size: pageSize });
  if (collaborators.isPending) return <ListSkeleton rows={1} />;
  if (isFailed(collaborators)) {
    return <Failure error={collaborators.error} retry={collaborators.refetch} />;
  }
  const { count, results } = collaborators.data;
  if (count === 0) {
    return (
      <Text size="sm" c="dimmed" mt="sm">
        {t('rights.noCollaborators')}
      </Text>
    );
  }
  return (
    <>
      <ul className="rows" aria-label={t('rights.collaborators')}>
        {results.map((collaborator) => (
          <li key={collaborator.user} className="setting-row">
            <Row repository={repository} collaborator={collaborator} />
          </li>
        ))}
      </ul>
      <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
    </>
  );
}

function Row({ repository, collaborator }: CollaboratorsProps & { readonly collaborator: Collaborator }) {
  const { t } = useTranslation();
  const set = useSetCollaborator(repository);
  const { user, permission } = collaborator;
  return (
    <>
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Link className="repository-link" to={accountPath(user)}>
          {user}
        </Link>
        <FailureAlert error={set.error} />
      </div>
      <RightControls
        name={user}
        label={t('rights.of', { name: user })}
        permission={permission}
        isPending={set.isPending}
        give={(next) => set.mutate({ user, permission: next })}
      />
    </>
  );
}
