package api

import (
	"context"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/order"
)

// PurchaseOrder is what a supplier has to ship for a paid order.
type PurchaseOrder struct {
	ID              string              `json:"id" format:"uuid"`
	OrderID         string              `json:"order_id" format:"uuid"`
	OrderNumber     int64               `json:"order_number"`
	SupplierID      string              `json:"supplier_id" format:"uuid"`
	SupplierName    string              `json:"supplier_name"`
	Status          string              `json:"status" enum:"open,shipped,cancelled" doc:"Follows the order."`
	Items           []PurchaseOrderItem `json:"items"`
	TotalCost       string              `json:"total_cost" example:"4.50" doc:"Of the items whose cost is known."`
	Currency        string              `json:"currency"`
	ShippingAddress nullable[Address]   `json:"shipping_address"`
	CreatedAt       string              `json:"created_at" format:"date-time"`
	UpdatedAt       string              `json:"updated_at" format:"date-time"`
}

// PurchaseOrderItem is a line of what a supplier has to ship.
type PurchaseOrderItem struct {
	VariantID   string  `json:"variant_id" format:"uuid"`
	SKU         *string `json:"sku"`
	SupplierSKU *string `json:"supplier_sku"`
	Title       string  `json:"title"`
	Quantity    int     `json:"quantity"`
	Cost        *string `json:"cost" doc:"Of one, when the order was placed."`
}

func toPurchaseOrder(o order.SupplierOrder) PurchaseOrder {
	return PurchaseOrder{
		ID: o.ID.String(), OrderID: o.Order.String(), OrderNumber: o.OrderNumber, SupplierID: o.Supplier.String(), SupplierName: o.SupplierName,
		Status: string(o.Status), TotalCost: o.Currency.Format(o.Cost), Currency: string(o.Currency), ShippingAddress: toAddress(o.Address),
		CreatedAt: utc(o.CreatedAt), UpdatedAt: utc(o.UpdatedAt),
		Items: each(o.Items, func(i order.SupplierItem) PurchaseOrderItem {
			item := PurchaseOrderItem{VariantID: i.Variant.String(), SKU: i.SKU, SupplierSKU: i.SupplierSKU, Title: i.Title, Quantity: i.Quantity}
			if i.Cost != nil {
				cost := o.Currency.Format(*i.Cost)
				item.Cost = &cost
			}
			return item
		}),
	}
}

type listPurchaseOrdersInput struct {
	StorePath
	PageQuery
	Status   string `query:"status" enum:"open,shipped,cancelled" doc:"Those that stand there."`
	Supplier string `query:"supplier_id" format:"uuid" doc:"Those for this supplier."`
}

func (a *API) supplierOrderRoutes() {
	register(a, route{
		method: http.MethodGet, path: storePath + "/purchase-orders", id: "list-purchase-orders", tag: "Orders", summary: "List purchase orders",
		detail: "What each supplier has to ship: the lines of paid orders that the store does not ship itself.",
	}, a.listPurchaseOrders)
}

func (a *API) listPurchaseOrders(ctx context.Context, in *listPurchaseOrdersInput) (*listed[PurchaseOrder], error) {
	var supplier *catalog.SupplierID
	if in.Supplier != "" {
		s, err := id.Parse(in.Supplier)
		if err != nil {
			return nil, fault.Missing("supplier")
		}
		supplier = &catalog.SupplierID{UUID: s}
	}
	orders, more, err := order.ListSupplierOrders(ctx, a.DB, shop(ctx).ID, order.SupplierStatus(in.Status), supplier, in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, orders, more, toPurchaseOrder, func(o order.SupplierOrder) id.UUID { return o.ID.UUID }), nil
}
