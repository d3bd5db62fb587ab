/** Signs in, and goes back to where the reader came from. */
import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { UnauthorizedError } from '../../lib/errors.ts';
import { FailureAlert } from '../components/failure.tsx';
import { WhenSignedOut } from '../components/when-signed-out.tsx';
import { FormPage } from '../components/form-page.tsx';
import { useSignIn } from '../hub/mutations.ts';
import { patterns } from '../routes.ts';

export function SignInPage() {
  return (
    <WhenSignedOut>
      <SignInForm />
    </WhenSignedOut>
  );
}

function SignInForm() {
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
          if (error instanceof UnauthorizedError) form.setFieldError('password', t('signIn.wrong'));
        },
      },
    ),
  );
  const refused = signIn.error instanceof UnauthorizedError;
  return (
    <FormPage title={t('signIn.title')}>
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
    </FormPage>
  );
}
