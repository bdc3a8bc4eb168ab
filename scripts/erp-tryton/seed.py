#!/usr/bin/python3
"""Fills an empty Tryton 6.0 database with a retailer's demo data.

    TRYTOND_CONFIG=... seed.py DATABASE

It goes through proteus, Tryton's client library, so that the same rules hold as for a person at the
screen. It runs once per database: `up` calls it on one that it has just made.
"""
import datetime
import os
import sys
from decimal import Decimal

from catalogue import ACCOUNTS, PARTIES, PRICE_LISTS, PRODUCTS, WAREHOUSES, opening_stock
from dateutil.relativedelta import relativedelta
from proteus import Model, Wizard, config as proteus

TODAY = datetime.date.today()
tryton = proteus.set_trytond(database=sys.argv[1], config_file=os.environ['TRYTOND_CONFIG'])


def model(name):
    return Model.get(name)


def one(name, *domain):
    """The record that matches, which must be there."""
    found, *_ = model(name).find(list(domain), limit=1)
    return found


def saved(of, /, **values):
    record = model(of)(**values)
    record.save()
    return record


def create(name, rows):
    """Makes many records in one transaction, from plain values. Returns their ids."""
    return model(name)._proxy.create(rows, tryton.context)


def seed():
    finish_configuration_wizards()
    usd, country = make_currency_and_country()
    company = make_company(usd, country)
    accounts = make_chart(company)
    make_fiscal_years(company)
    terms = make_payment_terms_and_methods(company, accounts)
    warehouses = make_warehouses()
    goods = make_products(company, accounts)
    price_lists = make_price_lists(company)
    make_parties(country, price_lists, terms)
    configure_sales(price_lists['Retail'], terms['Immediate'])
    stock_warehouses(company, warehouses, goods)
    order_supplies(company, warehouses['DC-EAST'], goods[:10], usd)
    make_users(company)
    print(f'{len(goods)} goods in {len(warehouses)} warehouses, {len(price_lists)} price lists')


def finish_configuration_wizards():
    open_items = model('ir.module.config_wizard.item').find([('state', '!=', 'done')])
    if open_items:
        model('ir.module.config_wizard.item')._proxy.write(
            [item.id for item in open_items], {'state': 'done'}, tryton.context)


def make_currency_and_country():
    usd = saved('currency.currency', name='US Dollar', symbol='$', code='USD',
        rounding=Decimal('0.01'))
    # A second currency with a rate that does not come out even.
    cad = saved('currency.currency', name='Canadian Dollar', symbol='CA$', code='CAD',
        rounding=Decimal('0.01'))
    long_ago = datetime.date(2000, 1, 1)
    saved('currency.currency.rate', date=long_ago, rate=Decimal('1.0'), currency=usd)
    saved('currency.currency.rate', date=long_ago, rate=Decimal('1.3717'), currency=cad)
    return usd, saved('country.country', name='United States', code='US')


def make_company(currency, country):
    party = saved('party.party', name='Demo Retail Co', code='COMPANY')
    address, = party.addresses
    address.street, address.city, address.postal_code = '1 Demo Plaza', 'Columbus', '43004'
    address.country = country
    party.save()
    wizard = Wizard('company.company.config')
    wizard.execute('company')
    wizard.form.party, wizard.form.currency = party, currency
    wizard.execute('add')
    tryton._context = model('res.user').get_preferences(True, {})
    return one('company.company')


def make_chart(company):
    """The minimal chart of accounts, with numbers. Returns it by name."""
    template = one('ir.model.data',
        ('module', '=', 'account'), ('fs_id', '=', 'account_template_root_en'))
    wizard = Wizard('account.create_chart')
    wizard.execute('account')
    wizard.form.account_template = model('account.account.template')(template.db_id)
    wizard.form.company = company
    wizard.execute('create_account')
    wizard.form.account_receivable = one('account.account', ('type.receivable', '=', True))
    wizard.form.account_payable = one('account.account', ('type.payable', '=', True))
    wizard.execute('create_properties')

    numbers = {
        'Main Cash': '1000', 'Main Receivable': '1100', 'Main Payable': '2000', 'Main Tax': '2200',
        'Main Revenue': '4000', 'Main Expense': '5000'}
    accounts = {name: one('account.account', ('name', '=', name)) for name in numbers}
    for name, account in accounts.items():
        account.code = numbers[name]
        account.save()
    for code, name, like in ACCOUNTS:
        accounts[name] = saved('account.account', code=code, name=name, company=company,
            type=accounts[like].type, parent=accounts[like].parent)
    return accounts


def make_fiscal_years(company):
    moves = one('ir.sequence.type', ('name', '=', 'Account Move'))
    invoices = one('ir.sequence.type', ('name', '=', 'Invoice'))
    for year in (TODAY.year, TODAY.year + 1):
        fiscal_year = model('account.fiscalyear')(name=str(year), company=company)
        fiscal_year.start_date = datetime.date(year, 1, 1)
        fiscal_year.end_date = datetime.date(year, 12, 31)
        fiscal_year.post_move_sequence = saved('ir.sequence', name=f'Moves {year}',
            sequence_type=moves, company=company)
        sequence = saved('ir.sequence.strict', name=f'Invoices {year}', sequence_type=invoices,
            company=company, prefix=f'INV{year}-', padding=5)
        line, = fiscal_year.invoice_sequences
        line.out_invoice_sequence = line.in_invoice_sequence = sequence
        line.out_credit_note_sequence = line.in_credit_note_sequence = sequence
        fiscal_year.click('create_period')


def make_payment_terms_and_methods(company, accounts):
    sequence = saved('ir.sequence', name='Retail daily sales', company=company,
        sequence_type=one('ir.sequence.type', ('name', '=', 'Account Journal')))
    saved('account.journal', name='Retail daily sales', code='RETAIL', type='general',
        sequence=sequence)
    journal = one('account.journal', ('type', '=', 'cash'))
    for name, account in (('Cash', 'Main Cash'), ('Card', 'Card Clearing')):
        saved('account.invoice.payment.method', name=name, journal=journal, company=company,
            credit_account=accounts[account], debit_account=accounts[account])

    immediate = model('account.invoice.payment_term')(name='Immediate')
    immediate.lines.new(type='remainder')
    immediate.save()
    net_30 = model('account.invoice.payment_term')(name='Net 30')
    net_30.lines.new(type='remainder').relativedeltas.new(days=30)
    net_30.save()
    return {'Immediate': immediate, 'Net 30': net_30}


def make_warehouses():
    """The warehouse that every database has becomes DC-EAST; stores are made. Returns them by code."""
    dc = one('stock.location', ('type', '=', 'warehouse'))
    dc.name, dc.code = WAREHOUSES['DC-EAST'], 'DC-EAST'
    dc.save()
    for zone in ('input', 'output', 'storage'):
        location = getattr(dc, f'{zone}_location')
        location.name, location.code = f'DC East {zone}', f'DC-EAST-{zone[:3].upper()}'
        location.save()
    warehouses = {'DC-EAST': dc}
    lost_found = one('stock.location', ('type', '=', 'lost_found'))
    for code, name in list(WAREHOUSES.items())[1:]:
        # Goods that come back are on the shelf at once, so input is storage. Output must not be:
        # a Tryton 6.0 warehouse whose output is its storage reserves nothing for a shipment.
        storage = saved('stock.location', name=f'{name} storage', code=f'{code}-STO', type='storage')
        output = saved('stock.location', name=f'{name} output', code=f'{code}-OUT', type='storage')
        warehouses[code] = saved('stock.location', name=name, code=code, type='warehouse',
            input_location=storage, output_location=output, storage_location=storage,
            lost_found_location=lost_found)
    return warehouses


def make_products(company, accounts):
    """Makes the catalogue. Returns the goods that are sold, in its order."""
    tax = saved('account.tax', name='Sales tax 7.5%', description='Sales tax 7.5%',
        type='percentage', rate=Decimal('0.075'), company=company,
        invoice_account=accounts['Main Tax'], credit_note_account=accounts['Main Tax'])
    accounting = {}
    for taxed in (True, False):
        category = model('product.category')(
            name='Retail goods (taxed)' if taxed else 'Retail goods (untaxed)', accounting=True,
            account_revenue=accounts['Main Revenue'], account_expense=accounts['Main Expense'])
        if taxed:
            category.customer_taxes.append(model('account.tax')(tax.id))
        category.save()
        accounting[taxed] = category.id
    names = list(dict.fromkeys(product['group'] for product in PRODUCTS))
    groups = dict(zip(names, create('product.category', [{'name': name} for name in names])))
    uoms = {uom.name: uom.id for uom in model('product.uom').find([])}

    create('product.template', [{
        'name': product['name'],
        'code': product['code'],
        'type': product['type'],
        'active': product['active'],
        'default_uom': uoms[product['uom']],
        'sale_uom': uoms[product['uom']],
        'salable': True,
        'list_price': product['price'],
        'cost_price_method': 'fixed',
        'account_category': accounting[product['taxed']],
        'categories': [('add', [groups[product['group']]])],
        'products': [('create', [{
            'active': product['active'],
            'cost_price': ((product['price'] or 0) * Decimal('0.55')).quantize(Decimal('0.01')),
            'identifiers': [('create', [{'type': 'ean', 'code': product['gtin']}])]
                if product['gtin'] else [],
        }])],
    } for product in PRODUCTS])
    made = {record.code: record for record in model('product.product').find([])}
    return [(product, made[product['code']]) for product in PRODUCTS
        if product['type'] == 'goods' and product['active']]


def make_price_lists(company):
    groups = {group.name: group.id for group in model('product.category').find([])}
    ids = create('product.price_list', [{
        'name': name,
        'company': company.id,
        'lines': [('create', [{
            'sequence': 10 * (position + 1),
            'quantity': quantity and float(quantity),
            'category': category and groups[category],
            'formula': formula,
        } for position, (quantity, category, formula) in enumerate(lines)])],
    } for name, lines in PRICE_LISTS.items()])
    return {name: model('product.price_list')(id) for name, id in zip(PRICE_LISTS, ids)}


def make_parties(country, price_lists, terms):
    for code, name, price_list, term, city in PARTIES:
        party = saved('party.party', name=name, code=code)
        address, = party.addresses
        address.street, address.city, address.country = '1 Main St', city, country
        address.invoice = address.delivery = True
        if price_list:
            # A record belongs to the parent it was last given to: hence a new one each time.
            party.sale_price_list = model('product.price_list')(price_lists[price_list].id)
            party.customer_payment_term = terms[term]
        party.save()


def configure_sales(price_list, term):
    sales = model('sale.configuration')(1)
    sales.sale_price_list = model('product.price_list')(price_list.id)
    sales.sale_invoice_method = sales.sale_shipment_method = 'order'
    sales.save()
    accounting = model('account.configuration')(1)
    accounting.default_customer_payment_term = term
    accounting.save()


def stock_warehouses(company, warehouses, goods):
    for code, warehouse in warehouses.items():
        inventory = create('stock.inventory', [{
            'location': warehouse.storage_location.id,
            'date': TODAY,
            'company': company.id,
            'empty_quantity': 'keep',
            'lines': [('create', [{
                'product': record.id,
                'quantity': opening_stock(code, position, product),
            } for position, (product, record) in enumerate(goods)])],
        }])
        model('stock.inventory')._proxy.confirm(inventory, tryton.context)


def order_supplies(company, warehouse, goods, currency):
    """100 of each are on their way, so that what is on hand differs from what is expected."""
    in_a_week = TODAY + relativedelta(days=7)
    supplier_zone = one('stock.location', ('type', '=', 'supplier'))
    create('stock.shipment.in', [{
        'supplier': one('party.party', ('code', '=', 'SUPPLIER-1')).id,
        'company': company.id,
        'warehouse': warehouse.id,
        'planned_date': in_a_week,
        'incoming_moves': [('create', [{
            'product': record.id,
            'uom': record.default_uom.id,
            'quantity': 100.0,
            'company': company.id,
            'from_location': supplier_zone.id,
            'to_location': warehouse.input_location.id,
            'planned_date': in_a_week,
            'unit_price': record.cost_price,
            'currency': currency.id,
        } for _, record in goods])],
    }])


def make_users(company):
    user = model('res.user')(name='API gateway', login=os.environ['TRYTON_USER'],
        password=os.environ['TRYTON_PASSWORD'], email='api@example.com')
    user.companies.append(model('company.company')(company.id))
    user.company = company
    # The button that processes a confirmed sale asks for Sales Administrator; goods that are gone, whatever the
    # books say, are booked by force.
    for name in ('Sales', 'Sales Administrator', 'Stock', 'Stock Force Assignment', 'Account'):
        user.groups.append(one('res.group', ('name', '=', name)))
    user.save()
    admin = one('res.user', ('login', '=', 'admin'))
    admin.password = os.environ['TRYTON_ADMIN_PASSWORD']
    admin.save()


seed()
