/** What everybody may know of an account or organization, as inputs of a form. */
import { TextInput, type TextInputProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** The hub's rule. */
const longest = 100;

interface ProfileInputsProps {
  readonly nameLabel: string;
  readonly fullName: TextInputProps;
  readonly company: TextInputProps;
  readonly location: TextInputProps;
}

export function ProfileInputs({ nameLabel, fullName, company, location }: ProfileInputsProps) {
  const { t } = useTranslation();
  return (
    <>
      <TextInput label={nameLabel} autoComplete="off" maxLength={longest} {...fullName} />
      <TextInput label={t('profile.company')} autoComplete="off" maxLength={longest} {...company} />
      <TextInput label={t('profile.location')} autoComplete="off" maxLength={longest} {...location} />
    </>
  );
}
