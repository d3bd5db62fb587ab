/** Where somebody changes what everybody may know of an account or organization. */
import { Button, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { ProfileInputs } from './profile-inputs.tsx';

interface Profile {
  readonly full_name: string;
  readonly company: string;
  readonly location: string;
}

/** As a mutation of the account or of the organization is one. */
interface ProfileUpdate {
  readonly mutate: (
    profile: Profile,
    then: { readonly onSuccess: () => void; readonly onError: (error: Error) => void },
  ) => void;
  readonly error: Error | null;
  readonly isPending: boolean;
}

interface ProfileFormProps {
  readonly profile: Profile;
  readonly nameLabel: string;
  readonly update: ProfileUpdate;
}

export function ProfileForm({ profile, nameLabel, update }: ProfileFormProps) {
  const { t } = useTranslation();
  const { full_name, company, location } = profile;
  const form = useForm({ initialValues: { full_name, company, location } });
  const submit = form.onSubmit((values) =>
    update.mutate(values, {
      onSuccess: () => void notifications.show({ message: t('common.saved') }),
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
            nameLabel={nameLabel}
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
