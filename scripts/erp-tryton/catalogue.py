"""What the demo retailer sells, at which price, and where it keeps it."""
from decimal import Decimal

UNIT, KILOGRAM = 'Unit', 'Kilogram'


def product(code, name, group, price, *, taxed=True, uom=UNIT, gtin=None, **more):
    return {
        'code': code, 'name': name, 'group': group, 'price': price and Decimal(price),
        'taxed': taxed, 'uom': uom, 'gtin': gtin, 'type': 'goods', 'active': True, **more,
    }


def variants(prefix, group, name, codes, price, step='0', taxed=True):
    return [
        product(f'{prefix}-{code}', f'{name} {code}', group, Decimal(price) + n * Decimal(step),
                taxed=taxed)
        for n, code in enumerate(codes.split())
    ]


PRODUCTS = [
    *variants('TEE', 'Apparel', 'Cotton T-shirt', 'S M L XL XXL', '14.90'),
    *variants('JKT', 'Apparel', 'Rain jacket', 'S M L XL', '79.00'),
    *variants('JEA', 'Apparel', 'Straight jeans', '28 30 32 34 36', '49.50'),
    *variants('SNK', 'Footwear', 'Running shoe', '38 40 42 44 46', '89.00'),
    *variants('BAG', 'Accessories', 'Canvas bag', 'SML MED LRG', '24.00', '8'),
    *variants('BOT', 'Accessories', 'Steel bottle', '350 500 750 1000', '15.00', '4'),
    *variants('MUG', 'Home', 'Stoneware mug', 'WHT BLK BLU GRN', '9.50'),
    *variants('TWL', 'Home', 'Bath towel', 'WHT GRY BLU', '18.00'),
    *variants('LMP', 'Home', 'Desk lamp', 'STD PRO', '34.00', '25'),
    *variants('COF', 'Grocery', 'Coffee beans 1 kg', 'ESP FIL DEC', '17.25', '1.50', False),
    *variants('TEA', 'Grocery', 'Loose tea 250 g', 'BLK GRN HRB', '8.75', '0.50', False),
    *variants('CHO', 'Grocery', 'Chocolate bar', 'D70 D85 MLK', '3.95', '0.20', False),
    *variants('CBL', 'Electronics', 'USB-C cable', '1M 2M 3M', '12.00', '4'),
    *variants('HDP', 'Electronics', 'Wireless headphones', 'STD ANC PRO', '59.00', '60'),
    *variants('PWR', 'Electronics', 'Power bank', '5K 10K 20K', '22.00', '12'),
    *variants('NTB', 'Stationery', 'Notebook A5', 'RUL GRD BLK', '6.50'),
    # What is easily got wrong: an id of digits with leading zeros, goods by weight, a service, goods
    # without a price, goods that are no longer sold.
    product('0004711', 'Cologne 100 ml', 'Home', '23.00', gtin='4006381333931'),
    product('4711', 'Cologne sample', 'Home', '1.00'),
    product('CHEESE', 'Mountain cheese', 'Grocery', '21.90', taxed=False, uom=KILOGRAM),
    product('SHIP-STD', 'Delivery charge', 'Services', '4.95', taxed=False, type='service'),
    product('UNPRICED', 'Display stand', 'Home', None),
    product('RETIRED', 'Desk lamp, first edition', 'Home', '29.00', active=False),
]

WAREHOUSES = {'DC-EAST': 'DC East', 'STORE-12': 'Store 12', 'STORE-27': 'Store 27'}


def opening_stock(warehouse, position, product):
    """How much of the product, the position-th of the catalogue, a warehouse opens with."""
    if product['uom'] == KILOGRAM:
        return {'DC-EAST': 120.5, 'STORE-12': 12.25, 'STORE-27': 0.05}[warehouse]
    if warehouse == 'DC-EAST':
        return 400.0 - position
    return float((position * 7 + list(WAREHOUSES).index(warehouse) * 13) % 40)


# First line that matches wins: quantity from which, category, formula.
PRICE_LISTS = {
    'Retail': [(10, None, 'unit_price * 0.95'), (None, None, 'unit_price')],
    'Partner': [
        (None, 'Electronics', 'unit_price * 0.90'),
        (24, None, 'unit_price * 0.78'),
        (None, None, 'unit_price * 0.85'),
    ],
}

# Code, name, price list, payment term, city.
PARTIES = [
    ('WEB', 'Web customer', 'Retail', 'Immediate', 'Columbus'),
    ('POS', 'Counter customer', 'Retail', 'Immediate', 'Columbus'),
    ('PARTNER-1', 'Alpine Outfitters', 'Partner', 'Net 30', 'Denver'),
    ('PARTNER-2', 'Harbor Supply', 'Partner', 'Net 30', 'Boston'),
    ('SUPPLIER-1', 'Main supplier', None, None, 'Chicago'),
]

# Code, name, an account that it is like.
ACCOUNTS = [
    ('1010', 'Card Clearing', 'Main Cash'),
    ('1020', 'Gift Card and Store Credit Clearing', 'Main Cash'),
    ('4010', 'Store Sales', 'Main Revenue'),
    ('4020', 'Web Sales', 'Main Revenue'),
    ('4090', 'Sales Returns', 'Main Revenue'),
    ('5010', 'Cash Over and Short', 'Main Expense'),
]
