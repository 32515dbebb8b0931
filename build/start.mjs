#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Compiled when the image was built; where the folder cannot be written to, it is read.
enableCompileCache(`${import.meta.dirname}/cache`);
await import('./slipway.mjs');
