/** Somebody is given a role or a right, by their username: the name, what they get, and the button. */
import { Autocomplete, Button, Group, NativeSelect } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { NotFoundError } from '../../lib/errors.ts';
import { FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';

interface Choice<C extends string> {
  readonly label: string;
  readonly first: C;
  readonly data: readonly { readonly value: C; readonly label: string }[];
}

interface Callbacks {
  readonly onSuccess: () => void;
  readonly onError: (error: Error) => void;
}

interface AddPersonProps<C extends string> {
  /** What the form is for, for who does not see what stands around it. */
  readonly label: string;
  readonly action: string;
  /** Left out: there is nothing to choose. */
  readonly choice?: Choice<C>;
  /** Names that are likely. */
  readonly suggestions?: readonly string[];
  /** What else is wrong with a name, or null. */
  readonly check?: (username: string) => string | null;
  readonly work: { readonly isPending: boolean; readonly error: Error | null };
  readonly add: (username: string, chosen: C, callbacks: Callbacks) => void;
}

export function AddPerson<C extends string>({
  label,
  action,
  choice,
  suggestions = [],
  check = () => null,
  work,
  add,
}: AddPersonProps<C>) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { username: '', chosen: choice?.first ?? '' },
    validate: {
      username: (value) => (value.trim() === '' ? t('people.nameEmpty') : check(value.trim())),
    },
  });
  const submit = form.onSubmit(({ username, chosen }) =>
    add(username.trim(), chosen as C, {
      onSuccess: () => form.setFieldValue('username', ''),
      onError: (error) => form.setErrors(nameErrors(error, t('people.nobody'))),
    }),
  );
  return (
    <form onSubmit={submit} noValidate aria-label={label}>
      <Group align="flex-start" gap="sm">
        <Autocomplete
          label={t('people.username')}
          data={[...suggestions]}
          limit={8}
          // On a phone the name has a row of its own, where there is something to choose.
          flex={choice ? '1 1 220px' : '1 1 180px'}
          maw={300}
          maxLength={100}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps('username')}
        />
        {choice && (
          <NativeSelect label={choice.label} data={[...choice.data]} {...form.getInputProps('chosen')} />
        )}
        <Button type="submit" variant="default" mt={25} loading={work.isPending}>
          {action}
        </Button>
      </Group>
      {!(work.error instanceof NotFoundError) && <FailureAlert error={work.error} />}
    </form>
  );
}

/** The hub tells that there is nobody of the name as a field's error, or as something that is not there. */
function nameErrors(error: Error, nobody: string): Record<string, string> {
  return error instanceof NotFoundError || 'user' in inputErrors(error) ? { username: nobody } : {};
}
