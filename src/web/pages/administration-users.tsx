/** The people of the hub: found, made administrators, switched off and on, helped back in, invited. */
import { Badge, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AdministeredUser } from '../../hub-api/types.ts';
import { Command } from '../components/command.tsx';
import { Failure, FailureAlert } from '../components/failure.tsx';
import { Invitations } from '../components/invitations.tsx';
import { ListFilter, useFiltering } from '../components/list-filter.tsx';
import { Pager } from '../components/pager.tsx';
import { RelativeTime } from '../components/relative-time.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed, useSession } from '../hub/queries.ts';
import { useResetPasswordOf, useUpdateUser, useUsers } from '../hub/system.ts';
import { accountPath, resetPasswordPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';

const pageSize = 25;

export function AdministrationUsers() {
  const { t } = useTranslation();
  const format = useFormat();
  const session = useSession();
  const filtering = useFiltering();
  const { term, page, setPage } = filtering;
  const users = useUsers({ query: term, page, page_size: pageSize });
  if (users.isPending) return <ListSkeleton />;
  if (isFailed(users)) return <Failure error={users.error} retry={users.refetch} />;
  const { count, results } = users.data;
  return (
    <Stack gap="lg">
      <section>
        <Group mb="sm">
          <ListFilter label={t('users.filter')} filtering={filtering} />
          <Text size="sm" c="dimmed" role="status">
            {count === 0
              ? t('users.noMatch', { query: term })
              : t('users.count', { count, formatted: format.number(count) })}
          </Text>
        </Group>
        {count > 0 && (
          <ul className="rows card" aria-label={t('administration.parts.users')}>
            {results.map((user) => (
              <li key={user.id} className="row row-small setting-row">
                <User user={user} isMe={user.username === session.data?.username} />
              </li>
            ))}
          </ul>
        )}
        <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
      </section>
      <Invitations />
    </Stack>
  );
}

function User({ user, isMe }: { readonly user: AdministeredUser; readonly isMe: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Group gap="xs">
          <Link className="repository-link" to={accountPath(user.username)}>
            {user.username}
          </Link>
          {user.is_admin && <Mark text={t('users.administrator')} />}
          {!user.is_active && <Mark text={t('users.inactive')} color="red" />}
          {user.has_second_factor && <Mark text={t('users.secondFactor')} />}
          {isMe && <Mark text={t('users.you')} />}
        </Group>
        <Text size="xs" c="dimmed">
          <bdi>{user.email}</bdi>
          {' · '}
          {user.last_seen ? (
            <>
              {t('users.seen')} <RelativeTime time={user.last_seen} />
            </>
          ) : (
            t('users.neverSeen')
          )}
        </Text>
      </div>
      {!isMe && <UserActions user={user} />}
    </>
  );
}

function Mark({ text, color = 'gray' }: { readonly text: string; readonly color?: string }) {
  return (
    <Badge variant={color === 'gray' ? 'default' : 'light'} color={color} size="sm" tt="none">
      {text}
    </Badge>
  );
}

type Question = 'deactivate' | 'promote' | 'secondFactor' | 'reset';

function UserActions({ user }: { readonly user: AdministeredUser }) {
  const { t } = useTranslation();
  const update = useUpdateUser(user.username);
  const [question, setQuestion] = useState<Question>();
  const name = user.username;
  return (
    <>
      {question === undefined && <FailureAlert error={update.error} />}
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button size="xs" variant="default" flex="none" px={8} aria-label={t('users.actions', { name })}>
            <IconDots size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setQuestion('reset')}>{t('users.reset')}</Menu.Item>
          {user.is_admin ? (
            <Menu.Item onClick={() => update.mutate({ is_admin: false })}>{t('users.demote')}</Menu.Item>
          ) : (
            <Menu.Item onClick={() => setQuestion('promote')}>{t('users.promote')}</Menu.Item>
          )}
          {user.has_second_factor && (
            <Menu.Item onClick={() => setQuestion('secondFactor')}>
              {t('users.turnOffSecondFactor')}
            </Menu.Item>
          )}
          {user.is_active ? (
            <Menu.Item color="red" onClick={() => setQuestion('deactivate')}>
              {t('users.deactivate')}
            </Menu.Item>
          ) : (
            <Menu.Item onClick={() => update.mutate({ is_active: true })}>{t('users.activate')}</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={question !== undefined}
        onClose={() => setQuestion(undefined)}
        title={question && t(`users.questions.${question}.title`, { name })}
        centered
      >
        {question === 'reset' && <ResetLink name={name} />}
        {question && question !== 'reset' && (
          <Ask name={name} question={question} update={update} close={() => setQuestion(undefined)} />
        )}
      </Modal>
    </>
  );
}

interface AskProps {
  readonly name: string;
  readonly question: Exclude<Question, 'reset'>;
  readonly update: ReturnType<typeof useUpdateUser>;
  readonly close: () => void;
}

const changes = {
  deactivate: { is_active: false },
  promote: { is_admin: true },
  secondFactor: { second_factor: false },
} as const;

function Ask({ name, question, update, close }: AskProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Text size="sm">{t(`users.questions.${question}.text`, { name })}</Text>
      <FailureAlert error={update.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t('common.cancel')}
        </Button>
        <Button
          color={question === 'promote' ? 'quay' : 'red'}
          loading={update.isPending}
          onClick={() => update.mutate(changes[question], { onSuccess: close })}
        >
          {t(`users.questions.${question}.action`)}
        </Button>
      </Group>
    </Stack>
  );
}

/** Made when it is asked for: whoever has the link sets the password. */
function ResetLink({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  const reset = useResetPasswordOf(name);
  if (reset.data) {
    return (
      <Stack gap="sm">
        <Text size="sm">{t('users.resetMade', { name })}</Text>
        <Command
          text={window.location.origin + resetPasswordPath(reset.data.token)}
          label={t('users.resetLink')}
        />
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      <Text size="sm">{t('users.resetText', { name })}</Text>
      <FailureAlert error={reset.error} />
      <Group justify="flex-end">
        <Button loading={reset.isPending} onClick={() => reset.mutate()}>
          {t('users.resetMake')}
        </Button>
      </Group>
    </Stack>
  );
}
