/** Invitations to sign up: made with a link that is shown once, and taken back. */
import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { isFailed } from '../hub/queries.ts';
import { useInvitations, useInvite, useTakeBackInvitation } from '../hub/system.ts';
import { signUpPath } from '../routes.ts';
import { Command } from './command.tsx';
import { Failure, FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { RelativeTime } from './relative-time.tsx';
import { ListSkeleton } from './repository-list.tsx';

export function Invitations() {
  const { t } = useTranslation();
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('invitations.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('invitations.lead')}
      </Text>
      <Invite />
      <Open />
    </section>
  );
}

function Invite() {
  const { t } = useTranslation();
  const invite = useInvite();
  const form = useForm({ initialValues: { email: '' } });
  const submit = form.onSubmit(({ email }) =>
    invite.mutate(email.trim() || undefined, {
      onSuccess: () => form.reset(),
      onError: (error) => form.setErrors(inputErrors(error, { email: t('signUp.emailWrong') })),
    }),
  );
  return (
    <Stack gap="sm">
      <form onSubmit={submit} noValidate>
        <Group align="flex-start" gap="sm">
          <TextInput
            type="email"
            flex="1 1 220px"
            maw={340}
            aria-label={t('invitations.email')}
            placeholder={t('invitations.email')}
            autoComplete="off"
            maxLength={254}
            {...form.getInputProps('email')}
          />
          <Button type="submit" loading={invite.isPending}>
            {t('invitations.make')}
          </Button>
        </Group>
      </form>
      <FailureAlert error={invite.error} />
      {invite.data && (
        <>
          <Text size="sm" role="status">
            {t('invitations.made')}
          </Text>
          <Command
            text={window.location.origin + signUpPath(invite.data.token)}
            label={t('invitations.link')}
          />
        </>
      )}
    </Stack>
  );
}

function Open() {
  const { t } = useTranslation();
  const invitations = useInvitations();
  const takeBack = useTakeBackInvitation();
  if (invitations.isPending) return <ListSkeleton />;
  if (isFailed(invitations)) return <Failure error={invitations.error} retry={invitations.refetch} />;
  return (
    <>
      <FailureAlert error={takeBack.error} />
      <ul className="rows" aria-label={t('invitations.title')}>
        {invitations.data.data.map(({ id, invitee, expires_at }) => (
          <li key={id} className="setting-row">
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              <bdi>{invitee || t('invitations.anybody')}</bdi>{' '}
              <Text span size="xs" c="dimmed">
                {t('tokens.ends')} <RelativeTime time={expires_at} />
              </Text>
            </Text>
            <Button
              size="xs"
              variant="default"
              flex="none"
              aria-label={t('invitations.takeBackThis', { who: invitee || t('invitations.anybody') })}
              onClick={() => takeBack.mutate(id)}
            >
              {t('invitations.takeBack')}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
