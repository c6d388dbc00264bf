import { Router } from 'express';
import { drawProductImage } from './product-images/draw-product-image.ts';

const FILE = /^([a-z0-9]+(?:-[a-z0-9]+)*)\.svg$/;
const MAX_HANDLE = 100;

/** `the-slow-cup-book` is `The Slow Cup Book`: what the picture is called, and good enough for that. */
const titleOf = (handle: string): string =>
  handle
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');

/** Serves `/images/products/<handle>.svg`: pictures of products that have no photograph, drawn when they are asked for. */
export function productImages(): Router {
  const router = Router();
  router.get('/images/products/:file', (request, response, next) => {
    const handle = FILE.exec(request.params.file)?.[1];
    if (handle === undefined || handle.length > MAX_HANDLE) return next();
    response.setHeader('cache-control', 'public, max-age=86400');
    // Storefronts of other origins show them.
    response.setHeader('cross-origin-resource-policy', 'cross-origin');
    response.type('image/svg+xml').send(drawProductImage(handle, titleOf(handle)));
  });
  return router;
}
