/**
 * Where the hub leads who comes back from the provider: on to where they wanted, or, while no account is theirs, to a name for a new
 * one and to the password of one that they have.
 */
import { Alert, Button, Divider, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import { HubInputError } from '../../hub-api/client-errors.ts';
import { safeReturn } from '../../hub-api/sign-in-address.ts';
import type { ProviderStep } from '../../hub-api/types.ts';
import { NotFoundError, UnauthorizedError } from '../../lib/errors.ts';
import { Failure, FailureAlert } from '../components/failure.tsx';
import { FormPage } from '../components/form-page.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed, useSession } from '../hub/queries.ts';
import {
  useEnter,
  useLinkByPassword,
  useProviderStep,
  useSignInMethods,
  useSignUpByProvider,
} from '../hub/provider.ts';
import { patterns } from '../routes.ts';

export function FinishSignInPage() {
  const step = useProviderStep();
  if (step.isPending) return <ListSkeleton />;
  if (isFailed(step)) return <Failure error={step.error} retry={step.refetch} />;
  return step.data ? <LastStep step={step.data} /> : <Enter />;
}

/** The session is there already, unless it all was too long ago. */
function Enter() {
  const [search] = useSearchParams();
  const session = useSession();
  const { mutate, isSuccess, isError } = useEnter();
  useEffect(() => mutate(), [mutate]);
  if (isError) return <Navigate to={`${patterns.signIn}?failure=unavailable`} replace />;
  if (!isSuccess) return <ListSkeleton />;
  const to = session.data ? safeReturn(search.get('next')) : `${patterns.signIn}?failure=expired`;
  return <Navigate to={to} replace />;
}

function LastStep({ step }: { readonly step: ProviderStep }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const provider = useSignInMethods().data?.provider?.name ?? '';
  const onDone = () => void navigate(safeReturn(step.next), { replace: true });
  const lead = t('finish.lead', { provider, who: step.email || step.username });
  return (
    <FormPage title={t('finish.title')} lead={lead}>
      <Section title={t('finish.new')}>
        {mayBeMade(step) ? (
          <NewAccount step={step} onDone={onDone} />
        ) : (
          <Alert color="blue" variant="light" c="var(--mantine-color-text)">
            {step.sign_up === 'never' ? t('finish.never') : t('signUp.invitationNeeded')}
          </Alert>
        )}
      </Section>
      <Divider label={t('signIn.or')} />
      <Section title={t('finish.link')}>
        <ExistingAccount step={step} provider={provider} onDone={onDone} />
      </Section>
    </FormPage>
  );
}

function mayBeMade({ sign_up: signUp, has_invitation: hasInvitation }: ProviderStep): boolean {
  return signUp === 'auto' || (signUp === 'invite' && hasInvitation);
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <Title order={2} size="h5" mb="sm">
        {title}
      </Title>
      {children}
    </section>
  );
}

interface StepProps {
  readonly step: ProviderStep;
  readonly onDone: () => void;
}

function NewAccount({ step, onDone }: StepProps) {
  const { t } = useTranslation();
  const signUp = useSignUpByProvider();
  const form = useForm({
    initialValues: { username: step.username },
    validate: { username: (value) => (value === '' ? t('signUp.usernameEmpty') : null) },
  });
  const submit = form.onSubmit((values) =>
    signUp.mutate(values, {
      onSuccess: onDone,
      onError: (error) => form.setErrors(inputErrors(error)),
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t('finish.username')}
          description={t('signUp.usernameHint')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={30}
          {...form.getInputProps('username')}
        />
        <StepFailure error={signUp.error} />
        <Button type="submit" loading={signUp.isPending}>
          {t('finish.make')}
        </Button>
      </Stack>
    </form>
  );
}

function ExistingAccount({ step, provider, onDone }: StepProps & { readonly provider: string }) {
  const { t } = useTranslation();
  const link = useLinkByPassword();
  const [asksCode, setAsksCode] = useState(false);
  const form = useForm({
    initialValues: { username: step.account ?? '', password: '', code: '' },
    validate: {
      username: (value) => (value === '' ? t('signIn.usernameEmpty') : null),
      password: (value) => (value === '' ? t('signIn.passwordEmpty') : null),
      code: (value) => (asksCode && value === '' ? t('signIn.codeEmpty') : null),
    },
  });
  const submit = form.onSubmit(({ code, ...credentials }) =>
    link.mutate(
      { ...credentials, ...(code !== '' && { code }) },
      {
        onSuccess: onDone,
        onError: (error) => {
          if (error instanceof UnauthorizedError) form.setFieldError('password', t('signIn.wrong'));
          if (!(error instanceof HubInputError) || !('code' in error.fields)) return;
          setAsksCode(true);
          if (code !== '') form.setFieldError('code', t('signIn.codeWrong'));
        },
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t('finish.linkLead', { provider })}
        </Text>
        <TextInput
          label={t('signIn.username')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps('username')}
        />
        <PasswordInput
          label={t('signIn.password')}
          autoComplete="current-password"
          {...form.getInputProps('password')}
        />
        {asksCode && (
          <TextInput
            label={t('signIn.code')}
            description={t('signIn.codeHint')}
            autoComplete="one-time-code"
            spellCheck={false}
            {...form.getInputProps('code')}
          />
        )}
        <StepFailure error={link.error} />
        <Button type="submit" variant="default" loading={link.isPending}>
          {t('finish.linkSubmit')}
        </Button>
      </Stack>
    </form>
  );
}

/** What is told beside no field. */
function StepFailure({ error }: { readonly error: Error | null }) {
  const { t } = useTranslation();
  if (error instanceof UnauthorizedError) return null;
  if (error instanceof NotFoundError) {
    return (
      <Alert color="red" variant="light" role="alert">
        {t('signInFailure.expired')}
      </Alert>
    );
  }
  return <FailureAlert error={error} conflict={t('signInFailure.linked')} />;
}
