/** A new password, by a link with a word in it that an administrator gave to whoever forgot theirs. */
import { Alert, Button, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { UnauthorizedError } from '../../lib/errors.ts';
import { FailureAlert } from '../components/failure.tsx';
import { FormPage } from '../components/form-page.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { shortestPassword } from '../components/password-rule.ts';
import { useResetPassword } from '../hub/mutations.ts';
import { patterns } from '../routes.ts';

export function ResetPasswordPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const token = search.get('token') ?? '';
  const reset = useResetPassword();
  const form = useForm({
    initialValues: { password: '' },
    validate: {
      password: (value) => (value.length < shortestPassword ? t('signUp.passwordShort') : null),
    },
  });
  const submit = form.onSubmit(({ password }) =>
    reset.mutate(
      { token, password },
      {
        onSuccess: () => {
          notifications.show({ message: t('resetPassword.done') });
          void navigate(patterns.signIn);
        },
        onError: (error) => form.setErrors(inputErrors(error)),
      },
    ),
  );
  const isSpent = reset.error instanceof UnauthorizedError || token === '';
  return (
    <FormPage title={t('resetPassword.title')} lead={t('resetPassword.lead')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <PasswordInput
            label={t('resetPassword.password')}
            description={t('signUp.passwordHint')}
            autoComplete="new-password"
            required
            withAsterisk={false}
            {...form.getInputProps('password')}
          />
          {isSpent ? (
            <Alert color="red" variant="light" role="alert">
              {t('resetPassword.spent')}
            </Alert>
          ) : (
            <FailureAlert error={reset.error} />
          )}
          <Button type="submit" loading={reset.isPending} disabled={token === ''}>
            {t('resetPassword.submit')}
          </Button>
        </Stack>
      </form>
    </FormPage>
  );
}
