/** How Bun's bundler makes the pages: https://bun.com/docs/bundler */
import { join } from 'node:path';

export const bundleConfig: Bun.BuildConfig & { readonly throw: false } = {
  entrypoints: [join(import.meta.dir, '..', 'index.html')],
  target: 'browser',
  minify: true,
  splitting: true,
  publicPath: '/assets/',
  naming: { entry: '[name]-[hash].[ext]', chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
  // Packages choose their production form by this.
  define: { 'process.env.NODE_ENV': '"production"' },
  throw: false,
};
