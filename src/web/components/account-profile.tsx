/** What everybody may know of who is signed in. */
import { Button, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import type { User } from '../../hub-api/types.ts';
import { useUpdateUser } from '../hub/mutations.ts';
import { FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { ProfileInputs } from './profile-inputs.tsx';

export function AccountProfile({ user }: { readonly user: User }) {
  const { t } = useTranslation();
  const update = useUpdateUser();
  const { full_name, company, location } = user;
  const form = useForm({ initialValues: { full_name, company, location } });
  const submit = form.onSubmit((values) =>
    update.mutate(values, {
      onSuccess: () => notifications.show({ message: t('common.saved') }),
      onError: (error) => form.setErrors(inputErrors(error)),
    }),
  );
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('profile.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('profile.lead')}
      </Text>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <ProfileInputs
            nameLabel={t('profile.fullName')}
            fullName={form.getInputProps('full_name')}
            company={form.getInputProps('company')}
            location={form.getInputProps('location')}
          />
          <FailureAlert error={update.error} />
          <Button
            type="submit"
            variant="default"
            loading={update.isPending}
            style={{ alignSelf: 'flex-start' }}
          >
            {t('common.save')}
          </Button>
        </Stack>
      </form>
    </section>
  );
}
