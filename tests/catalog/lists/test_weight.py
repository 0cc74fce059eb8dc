"""What fifty goods weigh before they are compressed."""

from decimal import Decimal

from tests.owners import Owner
from tests.stock import Stock, group, product

# Keys of Evotor's are 36 letters long, and names in Russian take two bytes a letter. Our own keys have some
# digits more after other tests.
STORE, GROUP = "20240301-0000-4000-8000-000000000000", "00000000-6409-4000-8000-000000000026"
FRAME_BYTES, ROW_BYTES = 12_500, 1_375


def test_a_page_of_fifty_goods_carries_nothing_twice_that_it_need_not(stock: Stock, alice: Owner):
    goods = [
        product(
            f"00000000-600d-4000-8000-0000000027{number}",
            f"Варенье вишнёвое «Амбар», 0,5 л, № {number}",
            group=GROUP,
            price=Decimal("2388.31"),
            quantity=Decimal(99),
            measure_name="шт",
            article_number=f"0101{number}",
            allow_to_sell=True,
        )
        for number in range(10, 60)
    ]
    stock.put(STORE, groups=[group(GROUP, "Мёд липовый: полка 51")], products=goods)
    page = alice.client.get(f"/catalog/products?store_id={STORE}").text
    rows = page[page.index("<tbody") : page.index("</tbody>")]
    row_bytes = len(rows.encode()) / 50
    frame_bytes = len(page.encode()) - len(rows.encode())
    assert rows.count("<tr ") == 50
    assert row_bytes <= ROW_BYTES, row_bytes
    assert frame_bytes <= FRAME_BYTES, frame_bytes
