/** Name and description of a team as inputs of a form, and the hub's rules for them, told before it is asked. */
import { TextInput, type TextInputProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const namePattern = /^(?=.{1,30}$)[a-z0-9]+(?:[_-][a-z0-9]+)*$/;
/** Docker Hub's name for those who own the organization. */
const reserved = 'owners';
const longestDescription = 255;

export function useTeamRules() {
  const { t } = useTranslation();
  return {
    validateInputOnChange: ['name'],
    validate: {
      name: (value: string) => {
        if (value === '') return t('teams.nameEmpty');
        if (value === reserved) return t('teams.nameReserved');
        return namePattern.test(value) ? null : t('teams.nameWrong');
      },
    },
  };
}

interface TeamInputsProps {
  readonly name: TextInputProps;
  readonly description: TextInputProps;
}

export function TeamInputs({ name, description }: TeamInputsProps) {
  const { t } = useTranslation();
  return (
    <>
      <TextInput
        label={t('teams.name')}
        description={t('teams.nameHint')}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={30}
        data-autofocus
        {...name}
      />
      <TextInput
        label={t('teams.description')}
        autoComplete="off"
        maxLength={longestDescription}
        {...description}
      />
    </>
  );
}
