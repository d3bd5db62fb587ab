/** What an import of a picture or a font gives after bundling: the address of the asset. */
declare module '*.svg' {
  const address: string;
  // oxlint-disable-next-line import/no-default-export -- the bundler's form
  export default address;
}

declare module '*.woff2' {
  const address: string;
  // oxlint-disable-next-line import/no-default-export -- the bundler's form
  export default address;
}
