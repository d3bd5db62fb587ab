/** Creates a repository; ends on its page, which tells how to push. */
import { Button, Group, Radio, Select, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import type { User } from '../../hub-api/types.ts';
import { Failure, FailureAlert, SignInFirst } from '../components/failure.tsx';
import { FormPage } from '../components/form-page.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { isRepositoryName, useRepositoryNameRule } from '../components/repository-name-rule.ts';
import { useCreateRepository } from '../hub/mutations.ts';
import { useNamespaces } from '../hub/organizations.ts';
import { isFailed, useSession } from '../hub/queries.ts';
import { useIsRepositoryTaken } from '../hub/taken-names.ts';
import { repositoryPath } from '../routes.ts';

const longestDescription = 100;

export function CreateRepositoryPage() {
  const { t } = useTranslation();
  const session = useSession();
  if (session.isPending)
    return <Skeleton height={420} maw={560} mx="auto" aria-label={t('common.loading')} />;
  if (isFailed(session)) return <Failure error={session.error} retry={session.refetch} />;
  return session.data ? <CreateForm user={session.data} /> : <SignInFirst />;
}

function CreateForm({ user }: { readonly user: User }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useCreateRepository();
  const namespaces = useNamespaces();
  const [parameters] = useSearchParams();
  const form = useForm({
    initialValues: {
      namespace: parameters.get('namespace') ?? user.username,
      name: '',
      description: '',
      visibility: 'public',
    },
    validateInputOnBlur: true,
    validateInputOnChange: ['name'],
    validate: {
      name: useRepositoryNameRule(),
      description: (value) =>
        value.length > longestDescription ? t('create.descriptionLong', { count: longestDescription }) : null,
    },
  });
  // A link may name one where the reader may not make any.
  const namespace = namespaces.includes(form.values.namespace) ? form.values.namespace : user.username;
  const { name } = form.values;
  const isTaken = useIsRepositoryTaken(namespace, isRepositoryName(name) ? name : '');
  const submit = form.onSubmit(({ name, description, visibility }) =>
    create.mutate(
      { namespace, name, description: description.trim(), is_private: visibility === 'private' },
      {
        onSuccess: (repository) => void navigate(repositoryPath(repository.namespace, repository.name)),
        onError: (error) => form.setErrors(inputErrors(error, { name: t('create.nameTaken') })),
      },
    ),
  );
  return (
    <FormPage title={t('create.title')} lead={t('create.lead')} width={600}>
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          <Group align="flex-start" gap="sm" wrap="wrap">
            <Select
              label={t('create.namespace')}
              data={[...namespaces]}
              allowDeselect={false}
              w={180}
              {...form.getInputProps('namespace')}
              value={namespace}
            />
            <TextInput
              label={t('create.name')}
              description={t('create.nameHint')}
              inputWrapperOrder={['label', 'input', 'error', 'description']}
              flex="1 1 240px"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={255}
              required
              withAsterisk={false}
              {...form.getInputProps('name')}
              error={form.errors['name'] ?? (isTaken && t('create.nameTaken'))}
            />
          </Group>
          <TextInput
            label={t('create.description')}
            description={t('create.descriptionHint')}
            inputWrapperOrder={['label', 'input', 'error', 'description']}
            {...form.getInputProps('description')}
          />
          <VisibilityChoice isOwn={namespace === user.username} {...form.getInputProps('visibility')} />
          <FailureAlert error={create.error} />
          <Button type="submit" loading={create.isPending} style={{ alignSelf: 'flex-start' }}>
            {t('create.submit')}
          </Button>
        </Stack>
      </form>
    </FormPage>
  );
}

interface VisibilityChoiceProps {
  /** Whether the namespace is the reader's, and not an organization's. */
  readonly isOwn: boolean;
  readonly value?: string;
  readonly onChange?: (value: string) => void;
}

function VisibilityChoice({ isOwn, ...props }: VisibilityChoiceProps) {
  const { t } = useTranslation();
  return (
    <Radio.Group label={t('create.visibility')} {...props}>
      <Stack gap="sm" mt={8}>
        <Radio
          value="public"
          label={t('common.public')}
          description={<Text inherit>{t('create.publicHint')}</Text>}
        />
        <Radio
          value="private"
          label={t('common.private')}
          description={
            <Text inherit>{t(isOwn ? 'create.privateHint' : 'create.privateHintOrganization')}</Text>
          }
        />
      </Stack>
    </Radio.Group>
  );
}
