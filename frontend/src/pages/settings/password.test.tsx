// Setting a password of one's own, in the real app, against a real server that answers as a test says.
import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { showPage, signedIn } from '../../testing/page';
import { startServer, type Answer, type TestServer } from '../../testing/server';

let server: TestServer;
afterEach(() => server.close());

const NOBODY = { ...signedIn(), user: null, workspaces: [] };
const NEW = 'nine quiet herons';

async function serve(user: Parameters<typeof signedIn>[0], answer: Answer = { status: 204 }) {
  vi.resetModules();
  server = await startServer({
    'GET /api/session': { json: signedIn(user) },
    'PUT /api/session/password': () => {
      if (answer.status === 204) server.routes['GET /api/session'] = { json: NOBODY };
      return answer;
    },
  });
}

const refused = (code: string, message: string, more: object = {}): Answer => ({
  status: 400,
  json: { code, message, hint: null, ...more },
});
const sent = () => server.asked.filter(({ method }) => method === 'PUT').map(({ body }) => body);

async function open(language: 'en' | 'zh' = 'en') {
  const shown = await showPage(server, '/settings', language);
  const button = language === 'en' ? /^(Set a|Change) password$/ : /^(设置|修改)密码$/;
  await shown.user.click(await screen.findByRole('button', { name: button }));
  return { ...shown, form: within(await screen.findByRole('dialog')) };
}

it('asks for the current one, sends both, and leads to the sign-in page that says what to do', async () => {
  await serve({ has_password: true });
  const { user, form, path } = await open();
  expect(form.getByLabelText('Current password')).toHaveFocus();
  await user.keyboard('old one{Tab}');
  expect(form.getByLabelText('New password')).toHaveFocus();
  await user.keyboard(`${NEW}{Tab}${NEW}{Enter}`);
  expect(await screen.findByText('Your password is set. Sign in with it.')).toBeVisible();
  expect(sent()).toEqual([{ current: 'old one', new: NEW }]);
  expect(path()).toBe('/sign-in');
  expect(screen.getByLabelText('User name')).toHaveValue('li');
  expect(screen.queryByText(/No password yet/)).toBeNull();
});

it('asks nobody for one that they do not have', async () => {
  await serve({ has_password: false });
  const { user, form } = await open();
  expect(screen.getByText('You have none yet, and sign in by one-time links.')).toBeInTheDocument();
  expect(form.queryByLabelText('Current password')).toBeNull();
  expect(form.getByLabelText('New password')).toHaveFocus();
  await user.type(form.getByLabelText('New password'), NEW);
  await user.type(form.getByLabelText('New password, once more'), `${NEW}{Enter}`);
  await screen.findByText('Your password is set. Sign in with it.');
  expect(sent()).toEqual([{ current: '', new: NEW }]);
});

it('tells password managers what each field is, and whose', async () => {
  await serve({ has_password: true });
  const { form } = await open();
  const told = (label: string) => form.getByLabelText(label).getAttribute('autocomplete');
  expect(told('Current password')).toBe('current-password');
  expect(told('New password')).toBe('new-password');
  expect(told('New password, once more')).toBe('new-password');
  const name = screen.getByRole('dialog').querySelector('[autocomplete=username]');
  expect(name).toHaveValue('li');
  expect(name).not.toBeVisible();
});

async function tryIt(answer: Answer, again = NEW) {
  await serve({ has_password: true }, answer);
  const shown = await open();
  await shown.user.type(shown.form.getByLabelText('Current password'), 'old one');
  await shown.user.type(shown.form.getByLabelText('New password'), NEW);
  await shown.user.type(shown.form.getByLabelText('New password, once more'), `${again}{Enter}`);
  return shown;
}

it('says beside the second field that the two differ, sends nothing, and leads there each time', async () => {
  const { user, form } = await tryIt({ status: 204 }, 'otherwise');
  const again = form.getByLabelText('New password, once more');
  expect(again).toHaveAccessibleDescription('This is not the same as the one above.');
  expect(again).toHaveFocus();
  await user.click(form.getByRole('button', { name: 'Change password' }));
  expect(again).toHaveFocus();
  expect(sent()).toEqual([]);
  await user.clear(again);
  await user.type(again, `${NEW}{Enter}`);
  await screen.findByText('Your password is set. Sign in with it.');
});

it.each(['wrong_credentials', 'too_many_attempts'])('says beside the current one: %s', async (code) => {
  const { form } = await tryIt(refused(code, 'Not this one.', { hint: 'Ask.' }));
  const current = form.getByLabelText('Current password');
  await waitFor(() => expect(current).toHaveAccessibleDescription('Not this one. Ask.'));
  expect(current).toHaveFocus();
  expect(form.getByLabelText('New password')).toBeValid();
});

it('says beside the new one why it is weak', async () => {
  const issues = ['Too short.', 'Too common.'].map((en) => ({
    code: 'weak_password',
    message: { en, zh: '' },
    hint: null,
    param: 'new',
  }));
  const { form } = await tryIt(refused('weak_password', 'Easy to guess.', { issues }));
  const field = form.getByLabelText('New password');
  await waitFor(() => expect(field).toHaveFocus());
  expect(field).toHaveAccessibleDescription(/Too short\. Too common\./);
  expect(field).toBeInvalid();
});

it('shows what concerns no field under them', async () => {
  const { form } = await tryIt(refused('password_changed', 'It was set elsewhere.'));
  expect(await form.findByRole('alert')).toHaveTextContent('It was set elsewhere.');
});

it('tells a lent session why it is worth it, in both languages', async () => {
  await serve({ has_password: false, lent: 'Ada' });
  const text =
    'You signed in by a link of Ada. With a password of your own, what you do counts as yours alone.';
  const { user } = await showPage(server, '/settings');
  expect(await screen.findByText(text)).toBeVisible();
  await user.click(screen.getByRole('radio', { name: '简体中文' }));
  expect(await screen.findByText(/^你是通过 Ada 生成的链接登录的/)).toBeVisible();
});

it('does not believe an address that says so', async () => {
  await serve({});
  server.routes['GET /api/session'] = { json: NOBODY };
  await showPage(server, '/sign-in?passwordSetFor=li');
  expect(await screen.findByLabelText('User name')).toHaveValue('');
  expect(screen.queryByText('Your password is set. Sign in with it.')).toBeNull();
});

it('speaks Chinese', async () => {
  await serve({ has_password: true });
  server.routes['GET /api/session'] = { json: { ...signedIn(), language: 'zh-hans' } };
  const { user, form } = await open('zh');
  await user.type(form.getByLabelText('当前密码'), 'x');
  await user.type(form.getByLabelText('新密码'), NEW);
  await user.type(form.getByLabelText('再次输入新密码'), `${NEW}{Enter}`);
  expect(await screen.findByText('密码已设置，请用它登录。')).toBeVisible();
});
