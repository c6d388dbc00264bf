import { fileURLToPath } from 'node:url';
import { buildWorkflowBundle } from '../workers/workflow-bundle.ts';

const path = fileURLToPath(new URL('../dist/workflow-bundle.js', import.meta.url));
await buildWorkflowBundle(path, { traced: true });
console.log('dist/workflow-bundle.js is built');
