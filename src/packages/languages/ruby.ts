/** Packages of Ruby: `Gemfile.lock`, and what is installed, whose specification's file is named after it. */
import type { Package } from '../package.ts';

/** Under `specs:` of GEM, GIT and PATH sections: four blanks, name and version. */
export function parseGemfileLock(text: string): Package[] {
  return text.split('\n').flatMap((line): Package[] => {
    const [, name, version] = /^ {4}([\w.-]+) \(([^)]+)\)\s*$/.exec(line) ?? [];
    return name === undefined || version === undefined ? [] : [{ kind: 'gem', name, version }];
  });
}

/** `specifications/rake-13.2.1.gemspec`, `nokogiri-1.16.0-x86_64-linux.gemspec`. */
export function gemOfFile(path: string): Package[] {
  const [, name, version] =
    /(?:^|\/)specifications\/(?:default\/)?([\w.-]+?)-(\d[\w.]*(?:-[\w-]+)?)\.gemspec$/.exec(path) ?? [];
  return name === undefined || version === undefined ? [] : [{ kind: 'gem', name, version }];
}
