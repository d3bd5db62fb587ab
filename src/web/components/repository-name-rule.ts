/**
 * What a repository may be called, told before the hub is asked: Docker Hub's rule, for each part of a name that has several.
 * https://docs.docker.com/docker-hub/repos/create/
 */
import { useTranslation } from 'react-i18next';

const pattern = /^[a-z0-9]+(?:[._/-][a-z0-9]+)*$/;
const shortest = 2;

export function isRepositoryName(text: string): boolean {
  return text.length >= shortest && pattern.test(text);
}

/** As a form checks it: what is wrong with the name, or null. */
export function useRepositoryNameRule() {
  const { t } = useTranslation();
  return (value: string): string | null => {
    if (value === '') return t('create.nameEmpty');
    if (!pattern.test(value)) return t('create.nameWrong');
    return value.length < shortest ? t('create.nameShort') : null;
  };
}
