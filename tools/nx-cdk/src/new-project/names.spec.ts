import { namesOf } from './index.ts';

test('a name has a form for each place', () => {
  expect(namesOf('order-report2')).toEqual({
    name: 'order-report2',
    className: 'OrderReport2',
    constantName: 'orderReport2',
    title: 'Order report2',
  });
});

test('what every such thing is called anyway is no part of a name', () => {
  expect(namesOf('orders-stack', 'stack').name).toBe('orders');
  expect(namesOf('stack', 'stack').name).toBe('stack');
});

test.each(['', '-', 'a-', 'a--b', '2pm', 'Shop', 'my shop', 'a/b', '@acme/shop', 'ä', 'a'.repeat(41), 'delete', 'new'])(
  '"%s" is refused, with a name that would do',
  (name) => {
    expect(() => namesOf(name)).toThrow(
      expect.objectContaining({ code: 'BadName', next: expect.stringContaining('as in ') }),
    );
  },
);
