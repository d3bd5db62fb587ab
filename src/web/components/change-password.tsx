/** A new password, by who knows the old one. Every other session ends with it. */
import { Button, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useChangePassword } from '../hub/mutations.ts';
import { FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { shortestPassword } from './password-rule.ts';

export function ChangePassword() {
  const { t } = useTranslation();
  const change = useChangePassword();
  const form = useForm({
    initialValues: { old_password: '', new_password: '' },
    validate: {
      old_password: (value) => (value === '' ? t('signIn.passwordEmpty') : null),
      new_password: (value) => (value.length < shortestPassword ? t('signUp.passwordShort') : null),
    },
  });
  const submit = form.onSubmit((values) =>
    change.mutate(values, {
      onSuccess: () => {
        form.reset();
        notifications.show({ message: t('password.changed') });
      },
      onError: (error) => form.setErrors(inputErrors(error, { old_password: t('password.wrong') })),
    }),
  );
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('password.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('password.lead')}
      </Text>
      <form onSubmit={submit} noValidate>
        <Stack gap="md" maw={380}>
          <PasswordInput
            label={t('password.old')}
            autoComplete="current-password"
            {...form.getInputProps('old_password')}
          />
          <PasswordInput
            label={t('password.new')}
            description={t('signUp.passwordHint')}
            autoComplete="new-password"
            {...form.getInputProps('new_password')}
          />
          <FailureAlert error={change.error} />
          <Button
            type="submit"
            variant="default"
            loading={change.isPending}
            style={{ alignSelf: 'flex-start' }}
          >
            {t('password.submit')}
          </Button>
        </Stack>
      </form>
    </section>
  );
}
