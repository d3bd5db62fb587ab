/** Creates an organization; ends on its page. The name is looked at while it is typed. */
import { Button, Skeleton, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Failure, FailureAlert, SignInFirst } from '../components/failure.tsx';
import { FormPage } from '../components/form-page.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { ProfileInputs } from '../components/profile-inputs.tsx';
import { useCreateOrganization } from '../hub/organizations.ts';
import { isFailed, useSession } from '../hub/queries.ts';
import { useIsAccountTaken } from '../hub/taken-names.ts';
import { organizationPath } from '../routes.ts';

/** The hub's rule, told before it is asked. */
const namePattern = /^(?=.{2,30}$)[a-z0-9]+(?:[_-][a-z0-9]+)*$/;

export function CreateOrganizationPage() {
  const { t } = useTranslation();
  const session = useSession();
  if (session.isPending)
    return <Skeleton height={420} maw={560} mx="auto" aria-label={t('common.loading')} />;
  if (isFailed(session)) return <Failure error={session.error} retry={session.refetch} />;
  return session.data ? <CreateForm /> : <SignInFirst />;
}

function CreateForm() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useCreateOrganization();
  const form = useForm({
    initialValues: { orgname: '', full_name: '', company: '', location: '' },
    validateInputOnChange: ['orgname'],
    validate: {
      orgname: (value) => {
        if (value === '') return t('createOrganization.nameEmpty');
        return namePattern.test(value) ? null : t('createOrganization.nameWrong');
      },
    },
  });
  const { orgname } = form.values;
  const isTaken = useIsAccountTaken(namePattern.test(orgname) ? orgname : '');
  const submit = form.onSubmit((values) =>
    create.mutate(values, {
      onSuccess: (organization) => void navigate(organizationPath(organization.orgname)),
      onError: (error) => form.setErrors(inputErrors(error, { orgname: t('createOrganization.nameTaken') })),
    }),
  );
  return (
    <FormPage title={t('createOrganization.title')} lead={t('createOrganization.lead')} width={560}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('createOrganization.name')}
            description={t('createOrganization.nameHint')}
            inputWrapperOrder={['label', 'input', 'error', 'description']}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={30}
            required
            withAsterisk={false}
            {...form.getInputProps('orgname')}
            error={form.errors['orgname'] ?? (isTaken && t('createOrganization.nameTaken'))}
          />
          <ProfileInputs
            nameLabel={t('profile.organizationName')}
            fullName={form.getInputProps('full_name')}
            company={form.getInputProps('company')}
            location={form.getInputProps('location')}
          />
          <FailureAlert error={create.error} />
          <Button type="submit" loading={create.isPending} style={{ alignSelf: 'flex-start' }}>
            {t('createOrganization.submit')}
          </Button>
        </Stack>
      </form>
    </FormPage>
  );
}
