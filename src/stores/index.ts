import type { StoreChoice } from '../scenario/store.ts';
import { betterAuth } from './better-auth.ts';
import { connectRedis } from './connect-redis.ts';
import { django } from './django.ts';
import { expiryIndex } from './expiry-index.ts';
import { fastifySession } from './fastify-session.ts';
import { hash } from './hash.ts';
import { hashField } from './hash-field.ts';
import { koaSession } from './koa-session.ts';
import { laravel } from './laravel.ts';
import { phpredis } from './phpredis.ts';
import type { StoreProfile } from './profile.ts';
import { springIndexed } from './spring-indexed.ts';
import { string } from './string.ts';

/** The profile of the store that a cohort has chosen. */
export function storeProfile(choice: StoreChoice): StoreProfile {
  switch (choice.name) {
    case 'string':
      return string(choice);
    case 'hash':
      return hash(choice);
    case 'hash-field':
      return hashField;
    case 'connect-redis':
      return connectRedis(choice);
    case 'fastify-session':
      return fastifySession;
    case 'koa-session':
      return koaSession;
    case 'better-auth':
      return betterAuth;
    case 'spring-indexed':
      return springIndexed(choice);
    case 'phpredis':
      return phpredis(choice);
    case 'laravel':
      return laravel;
    case 'django':
      return django;
    case 'expiry-index':
      return expiryIndex;
    default:
      return choice satisfies never;
  }
}
