/** Signs in, with a code of the second factor where the account has one, and goes back to where the reader came from. */
import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { HubSecondFactorError } from '../../hub-api/client-errors.ts';
import { UnauthorizedError } from '../../lib/errors.ts';
import { FailureAlert } from '../components/failure.tsx';
import { FormPage } from '../components/form-page.tsx';
import { ProviderButton, ProviderFailure } from '../components/provider-sign-in.tsx';
import { WhenSignedOut } from '../components/when-signed-out.tsx';
import { useSignIn, useSignInWithCode } from '../hub/mutations.ts';
import { useSignInMethods } from '../hub/provider.ts';
import { patterns } from '../routes.ts';

export function SignInPage() {
  return (
    <WhenSignedOut>
      <SignIn />
    </WhenSignedOut>
  );
}

function SignIn() {
  const { t } = useTranslation();
  const [loginToken, setLoginToken] = useState<string>();
  return (
    <FormPage title={t('signIn.title')}>
      {loginToken === undefined ? (
        <FirstStep onSecondFactor={setLoginToken} />
      ) : (
        <CodeForm loginToken={loginToken} onBack={() => setLoginToken(undefined)} />
      )}
    </FormPage>
  );
}

function FirstStep({ onSecondFactor }: { readonly onSecondFactor: (loginToken: string) => void }) {
  const methods = useSignInMethods();
  return (
    <>
      <ProviderFailure />
      <ProviderButton />
      {methods.data?.password !== false && <PasswordForm onSecondFactor={onSecondFactor} />}
    </>
  );
}

function PasswordForm({ onSecondFactor }: { readonly onSecondFactor: (loginToken: string) => void }) {
  const { t } = useTranslation();
  const { search } = useLocation();
  const signIn = useSignIn();
  const form = useForm({
    initialValues: { username: '', password: '' },
    validate: {
      username: (value) => (value.trim() === '' ? t('signIn.usernameEmpty') : null),
      password: (value) => (value === '' ? t('signIn.passwordEmpty') : null),
    },
  });
  const submit = form.onSubmit(({ username, password }) =>
    signIn.mutate(
      { username: username.trim(), password },
      {
        onError: (error) => {
          if (error instanceof HubSecondFactorError) onSecondFactor(error.loginToken);
          else if (error instanceof UnauthorizedError) form.setFieldError('password', t('signIn.wrong'));
        },
      },
    ),
  );
  const refused = signIn.error instanceof UnauthorizedError;
  return (
    <>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('signIn.username')}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            withAsterisk={false}
            {...form.getInputProps('username')}
          />
          <PasswordInput
            label={t('signIn.password')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            {...form.getInputProps('password')}
          />
          <FailureAlert error={refused ? null : signIn.error} />
          <Button type="submit" loading={signIn.isPending}>
            {t('signIn.submit')}
          </Button>
        </Stack>
      </form>
      <Text size="sm" c="dimmed">
        {t('signIn.noAccount')}{' '}
        <Anchor component={Link} to={patterns.signUp + search} underline="always">
          {t('frame.signUp')}
        </Anchor>
      </Text>
    </>
  );
}

interface CodeFormProps {
  readonly loginToken: string;
  readonly onBack: () => void;
}

function CodeForm({ loginToken, onBack }: CodeFormProps) {
  const { t } = useTranslation();
  const signIn = useSignInWithCode();
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (value) => (value.trim() === '' ? t('signIn.codeEmpty') : null) },
  });
  const submit = form.onSubmit(({ code }) =>
    signIn.mutate(
      { login_2fa_token: loginToken, code: code.trim() },
      {
        onError: (error) => {
          if (error instanceof UnauthorizedError) form.setFieldError('code', t('signIn.codeWrong'));
        },
      },
    ),
  );
  const refused = signIn.error instanceof UnauthorizedError;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t('signIn.code')}
          description={t('signIn.codeHint')}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          required
          withAsterisk={false}
          {...form.getInputProps('code')}
        />
        <FailureAlert error={refused ? null : signIn.error} />
        <Button type="submit" loading={signIn.isPending}>
          {t('signIn.submit')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onBack}>
          {t('signIn.back')}
        </Button>
      </Stack>
    </form>
  );
}
