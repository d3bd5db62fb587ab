/** Makes an account; afterwards its owner is signed in. */
import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, useLocation } from 'react-router';
import { DeniedError } from '../../lib/errors.ts';
import { FailureAlert } from '../components/failure.tsx';
import { WhenSignedOut } from '../components/when-signed-out.tsx';
import { FormPage } from '../components/form-page.tsx';
import { ProviderButton } from '../components/provider-sign-in.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { shortestPassword } from '../components/password-rule.ts';
import { useSignUp } from '../hub/mutations.ts';
import { useSignInMethods } from '../hub/provider.ts';
import { patterns } from '../routes.ts';

/** The hub's rule, told before it is asked. */
const usernamePattern = /^(?=.{2,30}$)[a-z0-9]+(?:[_-][a-z0-9]+)*$/;

export function SignUpPage() {
  return (
    <WhenSignedOut>
      <SignUp />
    </WhenSignedOut>
  );
}

/** Where nobody has a password, signing in at the provider is signing up. */
function SignUp() {
  const { search } = useLocation();
  const methods = useSignInMethods();
  return methods.data?.password === false ? (
    <Navigate to={patterns.signIn + search} replace />
  ) : (
    <SignUpForm />
  );
}

function SignUpForm() {
  const { t } = useTranslation();
  const { search } = useLocation();
  // Where signing up needs an invitation, the link that was sent holds it.
  const invitation = new URLSearchParams(search).get('invitation') ?? undefined;
  const signUp = useSignUp();
  const form = useForm({
    initialValues: { username: '', email: '', password: '' },
    validate: {
      username: (value) => {
        if (value === '') return t('signUp.usernameEmpty');
        return usernamePattern.test(value) ? null : t('signUp.usernameWrong');
      },
      email: (value) => (/^\S+@\S+$/.test(value) ? null : t('signUp.emailWrong')),
      password: (value) => (value.length < shortestPassword ? t('signUp.passwordShort') : null),
    },
  });
  const submit = form.onSubmit((values) =>
    signUp.mutate(
      { ...values, ...(invitation && { invitation }) },
      {
        onError: (error) => form.setErrors(inputErrors(error, { username: t('signUp.usernameTaken') })),
      },
    ),
  );
  return (
    <FormPage title={t('signUp.title')} lead={t('signUp.lead')}>
      <ProviderButton />
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('signUp.username')}
            description={t('signUp.usernameHint')}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={30}
            required
            withAsterisk={false}
            {...form.getInputProps('username')}
          />
          <TextInput
            type="email"
            label={t('signUp.email')}
            autoComplete="email"
            maxLength={254}
            required
            withAsterisk={false}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('signUp.password')}
            description={t('signUp.passwordHint')}
            autoComplete="new-password"
            required
            withAsterisk={false}
            {...form.getInputProps('password')}
          />
          {signUp.error instanceof DeniedError ? (
            <Alert color="red">{t('signUp.invitationNeeded')}</Alert>
          ) : (
            <FailureAlert error={signUp.error} />
          )}
          <Button type="submit" loading={signUp.isPending}>
            {t('signUp.submit')}
          </Button>
        </Stack>
      </form>
      <Text size="sm" c="dimmed">
        {t('signUp.haveOne')}{' '}
        <Anchor component={Link} to={patterns.signIn + search} underline="always">
          {t('frame.signIn')}
        </Anchor>
      </Text>
    </FormPage>
  );
}
